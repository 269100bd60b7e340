namespace MetaMap.Core;

/// <summary>An error whose message is a sentence for people, without control characters of what it repeats.</summary>
/// <param name="message">What is wrong, and what to do.</param>
/// <param name="inner">The cause, or null.</param>
public abstract class ReadableException(string message, Exception? inner = null) : Exception(message.Printable(), inner)
{
    /// <summary>
    /// Describes any error in one sentence: its message where that is meant for people or comes from the file system; otherwise its
    /// type and the first line of its message.
    /// </summary>
    public static string Describe(Exception error) => error switch
    {
        AggregateException { InnerException: { } inner } => Describe(inner),
        ReadableException or IOException or UnauthorizedAccessException => error.Message.Printable(),
        _ => $"{error.GetType().Name}: {error.Message.Split('\n')[0].TrimEnd().Printable()}",
    };
}

/// <summary>A mistake in options or configuration, with a one-sentence message for the user. Exit code 2.</summary>
public sealed class ConfigurationException : ReadableException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, what was found, what was expected, and what to do.</param>
    public ConfigurationException(string message) : base(message) { }

    /// <summary>Creates the error with its cause.</summary>
    public ConfigurationException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>Data or a file that cannot be used, with a one-sentence message for the user. Exit code 4.</summary>
public sealed class DataException : ReadableException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">Which file, what was found, what was expected, and what to do.</param>
    public DataException(string message) : base(message) { }

    /// <summary>Creates the error with its cause.</summary>
    public DataException(string message, Exception inner) : base(message, inner) { }
}
