using MetaMap.Core.Parameters;
using MetaMap.Training.Episodes;

namespace MetaMap.Testing;

/// <summary>The fake learner, with a NaN in the gradients of some blocks.</summary>
internal sealed class PoisonedLearner(Func<EpisodeBlock, bool> isPoisoned) : IEpisodeLearner
{
    public BlockGradient ComputeBlock(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation)
    {
        BlockGradient result = FakeEpisodeLearner.Compute(metaParameters, block);
        if (!isPoisoned(block))
        {
            return result;
        }

        float[] values = result.GradientSum.Values.ToArray();
        values[^1] = float.NaN;
        return result with { GradientSum = new ParameterVector(metaParameters.Layout, values) };
    }

    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep = false) => default!;

    public void Dispose()
    {
    }
}
