using MetaMap.Core.Parameters;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>What episodes side by side come to.</summary>
/// <param name="Gradient">The sum of their meta-gradients, one tensor for each entry of the layout.</param>
/// <param name="Losses">Their query losses [tasks].</param>
/// <param name="Outputs">[tasks, queries, outputs].</param>
/// <param name="Targets">int64 labels [tasks, queries], or values [tasks, queries, target length].</param>
internal sealed record TaskGradients(torch.Tensor[] Gradient, torch.Tensor Losses, torch.Tensor Outputs, torch.Tensor Targets);

/// <summary>A way of computing episodes side by side. The caller has a dispose scope open, and the parameters are leaves of the run's layout.</summary>
internal interface ITaskComputation : IDisposable
{
    /// <summary>Computes episodes.</summary>
    /// <param name="metaParameters">One tensor for each entry of the layout.</param>
    /// <param name="episodes">1 or more.</param>
    /// <param name="iteration">The meta-iteration, from 1.</param>
    TaskGradients Differentiate(torch.Tensor[] metaParameters, IReadOnlyList<Episode> episodes, int iteration);

    /// <summary>The memory that an episode takes at its peak, about.</summary>
    /// <param name="metaParameters">As of <see cref="Differentiate"/>.</param>
    /// <param name="episode">Any of the run.</param>
    long BytesPerEpisode(torch.Tensor[] metaParameters, Episode episode);

    /// <summary>As <see cref="IEpisodeComputation.Evaluate"/>.</summary>
    EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep);
}
