using System.Collections.Immutable;

namespace MetaMap.Core.Options;

/// <summary>
/// A part of a run that the options select by name: a dataset, a model, an algorithm, an optimiser. It may have options of
/// its own; everything about an option (key, flag, help, range, default) is declared on its property.
/// </summary>
public interface IPart
{
    /// <summary>The name that options choose it by.</summary>
    string Name { get; }

    /// <summary>Its options with their defaults: a record that <see cref="OptionSchema"/> can read, or <see cref="NoOptions"/>.</summary>
    object Options { get; }

    /// <summary>Defaults that it suggests for options of other parts, by key; a suggestion that nothing reads is dropped.</summary>
    IReadOnlyDictionary<string, object> Advice => ImmutableDictionary<string, object>.Empty;

    /// <summary>Those of <see cref="Advice"/> that hold for some options of its own.</summary>
    /// <param name="options">Of the type of <see cref="Options"/>.</param>
    IReadOnlyDictionary<string, object> AdviceFor(object options) => Advice;

    /// <summary>Parts with options of their own that its options choose among.</summary>
    ImmutableArray<IPart> Choices => [];

    /// <summary>Those of <see cref="Choices"/> that the given options select.</summary>
    /// <param name="options">Of the type of <see cref="Options"/>.</param>
    /// <exception cref="ConfigurationException">A part has an unknown name.</exception>
    IEnumerable<IPart> Chosen(object options) => [];
}

/// <summary>The options of a part that has none.</summary>
public sealed record NoOptions;

/// <summary>Several parts that are made together, such as variants of one algorithm.</summary>
public interface IPartFamily
{
    /// <summary>The parts.</summary>
    ImmutableArray<IPart> Parts { get; }
}
