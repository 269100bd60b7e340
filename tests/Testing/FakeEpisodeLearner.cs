using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Training.Episodes;

namespace MetaMap.Testing;

/// <summary>
/// Gradients without a network: a pure function of theta and the episode, of mixed magnitudes, so that adding in
/// another order gives other bits.
/// </summary>
internal sealed class FakeEpisodeLearner : IEpisodeLearner
{
    public bool IsDisposed { get; private set; }

    /// <summary>What every learner computes for a block.</summary>
    public static BlockGradient Compute(ParameterVector theta, EpisodeBlock block)
    {
        float[] sum = new float[theta.Layout.Length];
        var metrics = ImmutableArray.CreateBuilder<EpisodeMetrics>();
        foreach (Episode episode in block.Episodes)
        {
            DeterministicRandom random = DeterministicRandom.For("fake-gradient", episode.Index, episode.Classes[0].ClassIndex, episode.Classes[^1].ClassIndex);
            double scale = Math.Pow(10, random.NextInt(4));
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += (float)(scale * (0.1 * theta.Values[i] + random.NextGaussian()));
            }

            metrics.Add(new EpisodeMetrics((float)random.NextDouble(), (float)random.NextDouble()));
        }

        return new BlockGradient(new ParameterVector(theta.Layout, sum), metrics.ToImmutable());
    }

    /// <summary>What every learner measures of an episode: depends on theta and the episode.</summary>
    public static EpisodeEvaluation Measure(ParameterVector theta, Episode episode, int innerSteps)
    {
        DeterministicRandom random = DeterministicRandom.For(
            "fake-measure", episode.Index, episode.Classes[0].ClassIndex, BitConverter.SingleToInt32Bits(theta.Values[0]));
        return new([new(innerSteps, (float)random.NextDouble(), (float)random.NextDouble(), (float)random.NextDouble(), (float)random.NextDouble())]);
    }

    public BlockGradient ComputeBlock(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        cancellation.ThrowIfCancellationRequested();
        return Compute(metaParameters, block);
    }

    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep = false) =>
        Measure(metaParameters, episode, innerSteps);

    public void Dispose() => IsDisposed = true;
}
