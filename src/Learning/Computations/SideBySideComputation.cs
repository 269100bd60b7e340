using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Batched;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>Layer by layer, with episodes side by side, as a GPU computes. Holds no tensor of an episode between calls; the block is cut where it does not fit.</summary>
/// <param name="tasks">The computation.</param>
/// <param name="source">The run's episodes.</param>
/// <param name="layout">Of all meta-parameters.</param>
/// <param name="device">Where it computes.</param>
/// <param name="episodesAtOnce">Most episodes side by side; part of the bits.</param>
internal sealed class SideBySideComputation(TaskMaml tasks, EpisodeSource source, ParameterLayout layout, ComputeDevice device, int episodesAtOnce) : IEpisodeComputation
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

        using IDisposable noGradient = torch.no_grad();
        long bytes = tasks.BytesPerEpisode(ParameterTensors.Zeros(layout, device.Torch), tasks.Load([source.Load(episode)]));
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
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor[] theta = Leaves(metaParameters);
        torch.Tensor[] sum = ParameterTensors.Zeros(layout, device.Torch);
        var metrics = ImmutableArray.CreateBuilder<EpisodeMetrics>(block.Episodes.Length);
        foreach (Episode[] episodes in block.Episodes.Chunk(episodesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = torch.NewDisposeScope();
            TaskBatch batch = tasks.Load([.. episodes.Select(source.Load)]);
            (torch.Tensor[] gradient, torch.Tensor losses, torch.Tensor outputs) = tasks.Differentiate(theta, batch, iteration);
            ParameterTensors.Add(sum, gradient);
            metrics.AddRange(Numbers(losses).Zip(AccuracyFractions(outputs, batch.QueryTargets), (loss, accuracy) => new EpisodeMetrics(loss, accuracy)));
        }

        return new BlockGradient(ParameterTensors.ToVector(layout, sum), metrics.MoveToImmutable());
    }

    /// <inheritdoc />
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep)
    {
        using IDisposable noGradient = torch.no_grad();
        TaskBatch batch = tasks.Load([source.Load(episode)]);
        var steps = ImmutableArray.CreateBuilder<StepEvaluation>();
        tasks.Adapt(Leaves(metaParameters), batch, innerSteps, (step, measure) =>
        {
            if (everyStep || step == innerSteps)
            {
                steps.Add(new StepEvaluation(
                    step, Numbers(measure.TransductiveLosses)[0], AccuracyFractions(measure.TransductiveOutputs, batch.QueryTargets)[0],
                    Numbers(measure.InductiveLosses)[0], AccuracyFractions(measure.InductiveOutputs, batch.QueryTargets)[0]));
            }
        });
        return new EpisodeEvaluation(steps.ToImmutable());
    }

    /// <inheritdoc />
    public void Dispose() => tasks.Dispose();

    private torch.Tensor[] Leaves(ParameterVector metaParameters) => ParameterTensors.Leaves(metaParameters, torch.float32, device.Torch);

    // [tasks]: the share of queries whose greatest output is that of their label; 0 where there are values to predict.
    private static float[] AccuracyFractions(torch.Tensor outputs, torch.Tensor targets) => targets.dtype == torch.int64
        ? Numbers(outputs.argmax(-1).eq(targets).to(torch.float32).mean([1])) : new float[outputs.shape[0]];

    private static float[] Numbers(torch.Tensor tensor) => [.. tensor.cpu().data<float>()];
}
