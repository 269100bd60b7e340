using System.Collections.Immutable;

namespace MetaMap.Core.Configuration;

/// <summary>
/// A part of a run (a dataset, a model, an algorithm, an optimiser) that reads some of the options that not every run
/// has. An option that no part of a run reads is refused, because a setting without effect deceives.
/// </summary>
public interface IOptionReader
{
    /// <summary>The name that options choose it by.</summary>
    string Name { get; }

    /// <summary>The optional options that it reads, by property name of <see cref="RunOptions"/>.</summary>
    ImmutableArray<string> Reads { get; }

    /// <summary>Values for optional options that were not given (its own and, as advice, those that other parts read); null ones are left open.</summary>
    RunOptions Defaults { get; }
}
