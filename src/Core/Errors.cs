namespace MetaMap.Core;

/// <summary>A mistake in options or configuration, with a one-sentence message for the user. Exit code 2.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, what was found, what was expected, and what to do.</param>
    public ConfigurationException(string message) : base(message) { }

    /// <summary>Creates the error with its cause.</summary>
    public ConfigurationException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>Data or a file that cannot be used, with a one-sentence message for the user. Exit code 4.</summary>
public sealed class DataException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">Which file, what was found, what was expected, and what to do.</param>
    public DataException(string message) : base(message) { }

    /// <summary>Creates the error with its cause.</summary>
    public DataException(string message, Exception inner) : base(message, inner) { }
}
