using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Benchmarks;

/// <summary>Work that speed is measured by: second-order MAML, 5-way 1-shot, on random images. <c>bench/pytorch.py</c> has the same.</summary>
/// <param name="Name">The letter that it is chosen by.</param>
/// <param name="Description">For people.</param>
/// <param name="GpuBlock">Episodes side by side on a GPU, for which 80 GB of memory are enough.</param>
/// <param name="Values">Network, images and episodes.</param>
internal sealed record Work(string Name, string Description, int GpuBlock, OptionValues Values)
{
    /// <summary>Episodes of a block where they follow one another.</summary>
    public const int Block = 4;

    private const int BlocksPerIteration = 4;

    /// <summary>All works.</summary>
    public static ImmutableArray<Work> All { get; } =
    [
        new("A", "conv4, 64 filters, 28x28, 5 inner steps, 15 queries a class", 128, OptionValues.Of(
            ("model", "conv4"), ("filters", 64), ("size", 28), ("channels", 1), ("inner_steps", 5), ("inner_lr", 0.1), ("queries", 15))),
        new("B", "conv4-stride, 64 filters, 28x28, 1 inner step, 1 query a class", 512, OptionValues.Of(
            ("model", "conv4-stride"), ("filters", 64), ("size", 28), ("channels", 1), ("inner_steps", 1), ("inner_lr", 0.4), ("queries", 1))),
        new("M", "conv4, 32 filters, 84x84x3, 5 inner steps, 15 queries a class", 32, OptionValues.Of(
            ("model", "conv4"), ("filters", 32), ("size", 84), ("channels", 3), ("inner_steps", 5), ("inner_lr", 0.1), ("queries", 15))),
    ];

    /// <summary>Reads names, each given alone or several with commas between them.</summary>
    /// <exception cref="ConfigurationException">There is no such work.</exception>
    public static ImmutableArray<Work> Read(IEnumerable<string> names) =>
    [
        .. names.SelectMany(text => text.Split(',')).Distinct().Select(name => All.FirstOrDefault(work => work.Name == name)
            ?? throw new ConfigurationException($"There is no work '{name}'; choose among {string.Join(", ", All.Select(work => work.Name))}.")),
    ];

    /// <summary>A run of this work without an end.</summary>
    /// <param name="batching">Layer by layer or side by side, or through graphs.</param>
    /// <param name="block">Episodes of a block.</param>
    public RunOptions Options(string batching, int block) => Values.With(
        ("dataset", "noise"), ("batching", batching), ("block", block), ("meta_batch", BlocksPerIteration * block), ("iterations", int.MaxValue), ("eval_episodes", 0)).Resolve();
}
