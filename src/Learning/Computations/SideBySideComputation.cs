using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>Episodes side by side, as a GPU computes. Holds no tensor of an episode between calls; the block is cut where it does not fit.</summary>
/// <param name="tasks">The computation.</param>
/// <param name="layout">Of all meta-parameters.</param>
/// <param name="device">Where it computes.</param>
/// <param name="episodesAtOnce">Most episodes side by side; part of the bits.</param>
internal sealed class SideBySideComputation(ITaskComputation tasks, ParameterLayout layout, ComputeDevice device, int episodesAtOnce) : IEpisodeComputation
{
    private const double GiB = 1 << 30;
    // The rest is the driver's, libtorch's, and lost between buffers.
    private const double UsableMemory = 0.85;

    /// <inheritdoc />
    public int EpisodesAtOnce => episodesAtOnce;

    /// <summary>Refuses blocks of which not enough episodes fit the device's memory at once.</summary>
    /// <param name="episode">Any episode of the run.</param>
    /// <exception cref="ConfigurationException">It says how many do.</exception>
    public void RequireMemory(Episode episode)
    {
        if (device.MemoryBytes is not { } memory)
        {
            return;
        }

        // Any parameters; with zeros a closed form may have no solution.
        var parameters = new ParameterVector(layout, [.. Enumerable.Range(0, layout.Length).Select(i => 0.1f * MathF.Sin(i))]);
        long bytes = tasks.BytesPerEpisode(Leaves(parameters), episode);
        long fitting = (long)(memory * UsableMemory) / bytes;
        if (fitting < episodesAtOnce)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                $"{episodesAtOnce} episodes side by side take about {bytes * episodesAtOnce / GiB:0.0} GiB, and {device.Name} has {memory / GiB:0.0} GiB: ")
                + (fitting > 0 ? $"start the run with --batching {fitting}." : "start the run with smaller episodes, or compute on the processor (--device cpu)."));
        }
    }

    /// <inheritdoc />
    public BlockGradient Differentiate(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation)
    {
        torch.Tensor[] theta = Leaves(metaParameters);
        torch.Tensor[] sum = ParameterTensors.Zeros(layout, device.Torch);
        var metrics = ImmutableArray.CreateBuilder<EpisodeMetrics>(block.Episodes.Length);
        foreach (Episode[] episodes in block.Episodes.Chunk(episodesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = torch.NewDisposeScope();
            TaskGradients result = tasks.Differentiate(theta, episodes, iteration);
            ParameterTensors.Add(sum, result.Gradient);
            metrics.AddRange(TaskMeasures.Numbers(result.Losses).Zip(
                TaskMeasures.AccuracyFractions(result.Outputs, result.Targets), (loss, accuracy) => new EpisodeMetrics(loss, accuracy)));
        }

        return new BlockGradient(ParameterTensors.ToVector(layout, sum), metrics.MoveToImmutable());
    }

    /// <inheritdoc />
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep) =>
        tasks.Evaluate(metaParameters, episode, innerSteps, everyStep);

    /// <inheritdoc />
    public void Dispose() => tasks.Dispose();

    private torch.Tensor[] Leaves(ParameterVector metaParameters) => ParameterTensors.Leaves(metaParameters, torch.float32, device.Torch);
}
