using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Layered;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Computations;

/// <summary>Layer by layer on the processor, one episode after the other; keeps its memory from call to call.</summary>
/// <param name="layered">The computation.</param>
/// <param name="source">The run's episodes.</param>
/// <param name="layout">Of all meta-parameters.</param>
internal sealed class LayeredComputation(LayeredMaml<float> layered, EpisodeSource source, ParameterLayout layout) : IEpisodeComputation
{
    /// <inheritdoc />
    public int EpisodesAtOnce => 1;

    /// <inheritdoc />
    public BlockGradient Differentiate(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation)
    {
        layered.Begin(metaParameters, iteration);
        ImmutableArray<EpisodeMetrics> metrics = EpisodeSource.OneAfterTheOther(
            block, episode => new EpisodeMetrics(layered.Add(source.LoadForTraining(episode, iteration)), layered.AccuracyFraction), cancellation);
        return new BlockGradient(new ParameterVector(layout, layered.Sums<float>()), metrics);
    }

    /// <inheritdoc />
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep)
    {
        layered.Begin(metaParameters);
        return new EpisodeEvaluation(layered.Evaluate(source.Load(episode), innerSteps, everyStep));
    }

    /// <inheritdoc />
    public void Dispose() => layered.Dispose();
}
