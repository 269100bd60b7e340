namespace MetaMap.Core.Parameters;

/// <summary>What a meta-parameter is for.</summary>
public enum ParameterRole
{
    /// <summary>A weight of the network before its head: the feature map.</summary>
    Body,

    /// <summary>A weight of the network's head: the last layer, which turns features into outputs.</summary>
    Head,

    /// <summary>Learned by the outer loop alone and not a weight of the network: an inner rate, a map of a context.</summary>
    Rule,

    /// <summary>
    /// A running mean: the outer loop moves it a tenth of the way to the mean of what the episodes observed, without any
    /// optimiser. An algorithm reports (stored - observed) in place of its gradient.
    /// </summary>
    Statistic,
}

/// <summary>One meta-parameter: name, shape, first values and purpose.</summary>
/// <param name="Entry">Name and shape.</param>
/// <param name="Initializer">Fills in the first values.</param>
/// <param name="Role">What it is for.</param>
public sealed record ParameterDefinition(ParameterEntry Entry, Initializer Initializer, ParameterRole Role)
{
    /// <summary>Creates a definition from a name and dimensions.</summary>
    public ParameterDefinition(string name, Initializer initializer, ParameterRole role, params ReadOnlySpan<int> shape)
        : this(new ParameterEntry(name, [.. shape]), initializer, role) { }
}
