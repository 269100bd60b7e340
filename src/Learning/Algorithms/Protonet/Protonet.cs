using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Prototypical networks: logits are negative squared distances to the mean features of each class. Nothing adapts.</summary>
/// <remarks>
/// <para>Paper: J. Snell, K. Swersky, R. Zemel. Prototypical Networks for Few-shot Learning. NeurIPS 2017, equations 1
/// and 2, with the squared Euclidean distance. The gradient is that of the query loss, through queries and prototypes.</para>
/// <para>Deviations: support and query set are embedded in two passes, each with its own batch statistics (the authors
/// embed them in one); training has the ways of the run, where the authors train with more ways than they test.</para>
/// </remarks>
internal sealed class Protonet : IMetaAlgorithm
{
    /// <inheritdoc />
    public GraphExtent? SideBySide => GraphExtent.AllPasses;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        torch.Tensor prototypes = Prototypes(metaParameters, problem);
        torch.Tensor outputs = ClassSums.Nearness(
            problem.Model.Features(metaParameters, problem.Data.QueryInputs, ForwardPass.Transductive), prototypes);
        torch.Tensor loss = problem.QueryLoss(outputs);
        return new MetaGradient(loss, outputs, Gradients.OrZero(loss, metaParameters));
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor prototypes = Prototypes(metaParameters, problem);
        afterStep(0, new FeatureMapping(problem, metaParameters, features => ClassSums.Nearness(features, prototypes), () => ClassSums.HeadOf(prototypes)));
    }

    /// <summary>The mean support features of each class: [classes, features].</summary>
    internal static torch.Tensor Prototypes(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem)
    {
        ClassSums classes = ClassSums.Of(
            problem.Model.Features(metaParameters, problem.Data.SupportInputs, ForwardPass.Transductive), problem.Data.SupportTargets);
        return classes.Sums.div(classes.Counts);
    }
}
