using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Batched;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>Episodes side by side, layer by layer, without graphs.</summary>
/// <param name="tasks">The computation.</param>
/// <param name="source">The run's episodes.</param>
/// <param name="device">Where it computes.</param>
internal sealed class LayeredTasks(TaskMaml tasks, EpisodeSource source, torch.Device device) : ITaskComputation
{
    /// <inheritdoc />
    public TaskGradients Differentiate(torch.Tensor[] metaParameters, IReadOnlyList<Episode> episodes, int iteration)
    {
        using IDisposable noGradient = torch.no_grad();
        TaskBatch batch = tasks.Load([.. episodes.Select(episode => source.LoadForTraining(episode, iteration))]);
        (torch.Tensor[] gradient, torch.Tensor losses, torch.Tensor outputs) = tasks.Differentiate(metaParameters, batch, iteration);
        return new(gradient, losses, outputs, batch.QueryTargets);
    }

    /// <inheritdoc />
    public long BytesPerEpisode(torch.Tensor[] metaParameters, Episode episode)
    {
        using IDisposable noGradient = torch.no_grad();
        return tasks.BytesPerEpisode(metaParameters, tasks.Load([source.Load(episode)]));
    }

    /// <inheritdoc />
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep)
    {
        using IDisposable noGradient = torch.no_grad();
        TaskBatch batch = tasks.Load([source.Load(episode)]);
        var steps = ImmutableArray.CreateBuilder<StepEvaluation>();
        tasks.Adapt(ParameterTensors.Leaves(metaParameters, torch.float32, device), batch, innerSteps, (step, measure) =>
        {
            if (everyStep || step == innerSteps)
            {
                steps.Add(new StepEvaluation(
                    step, TaskMeasures.Numbers(measure.TransductiveLosses)[0], TaskMeasures.AccuracyFractions(measure.TransductiveOutputs, batch.QueryTargets)[0],
                    TaskMeasures.Numbers(measure.InductiveLosses)[0], TaskMeasures.AccuracyFractions(measure.InductiveOutputs, batch.QueryTargets)[0]));
            }
        });
        return new EpisodeEvaluation(steps.ToImmutable());
    }

    /// <inheritdoc />
    public void Dispose() => tasks.Dispose();
}
