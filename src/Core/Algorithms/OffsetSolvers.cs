using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Algorithms;

/// <summary>The ways in which <c>feature-offset</c> finds an offset, by name.</summary>
public static class OffsetSolvers
{
    /// <summary>By ridge regression.</summary>
    public const string ClosedForm = "closed-form";

    /// <summary>By an inner loop on the offset alone.</summary>
    public const string Gradient = "gradient";

    /// <summary>All solvers by name.</summary>
    public static Registry<OffsetSolverDefinition> All { get; } = new(
        "offset-solver",
        new OffsetSolverDefinition(ClosedForm, [nameof(RunOptions.OffsetRidge)], new RunOptions { OffsetRidge = 0.01 }),
        new OffsetSolverDefinition(
            Gradient, [nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps)],
            new RunOptions { InnerLr = 0.5, InnerSteps = 5, EvalInnerSteps = 5 }));
}

/// <summary>A solver's name and options.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reads">The optional options that it reads.</param>
/// <param name="Defaults">Their defaults.</param>
public sealed record OffsetSolverDefinition(string Name, ImmutableArray<string> Reads, RunOptions Defaults) : IOptionReader;
