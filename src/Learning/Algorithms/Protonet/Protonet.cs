using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Prototypical networks: logits are negative squared distances to the mean features of each class, or cosines times a learned factor. Nothing adapts.</summary>
/// <remarks>
/// <para>Paper: J. Snell, K. Swersky, R. Zemel. Prototypical Networks for Few-shot Learning. NeurIPS 2017, equations 1
/// and 2, with the squared Euclidean distance. The gradient is that of the query loss, through queries and prototypes.</para>
/// <para>Deviations: support and query set are embedded in two passes, each with its own batch statistics (the authors
/// embed them in one); training has the ways of the run unless it is told others, where the authors train with more than they test. Cosines are
/// those of Gidaris and Komodakis, CVPR 2018, section 3.2, with the logarithm of the factor as the last meta-parameter.</para>
/// </remarks>
/// <param name="isCosine">Whether logits are cosines.</param>
internal sealed class Protonet(bool isCosine = false) : IMetaAlgorithm
{
    /// <inheritdoc />
    public GraphExtent? SideBySide => GraphExtent.AllPasses;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        torch.Tensor prototypes = Prototypes(metaParameters, problem);
        torch.Tensor outputs = Nearness(metaParameters, problem.Model.Features(metaParameters, problem.Data.QueryInputs, ForwardPass.Transductive), prototypes);
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
        afterStep(0, new FeatureMapping(problem, metaParameters, features => Nearness(metaParameters, features, prototypes), () => HeadOf(metaParameters, prototypes)) { IsCosine = isCosine });
    }

    /// <summary>The mean support features of each class: [classes, features].</summary>
    internal static torch.Tensor Prototypes(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem)
    {
        ClassSums classes = ClassSums.Of(
            problem.Model.Features(metaParameters, problem.Data.SupportInputs, ForwardPass.Transductive), problem.Data.SupportTargets);
        return classes.Sums.div(classes.Counts);
    }

    private torch.Tensor Nearness(IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor features, torch.Tensor prototypes) => isCosine
        ? features.OfLengthOne().matmul(prototypes.OfLengthOne().mT).mul(metaParameters[^1].exp())
        : ClassSums.Nearness(features, prototypes);

    private torch.Tensor[] HeadOf(IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor prototypes) => isCosine
        ? [prototypes.OfLengthOne().mul(metaParameters[^1].exp()), prototypes.select(1, 0).zeros_like()]
        : ClassSums.HeadOf(prototypes);
}
