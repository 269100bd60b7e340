using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>What an offset in feature space does to the outputs, and which one fits a support set best. Of tasks side by side, all have [tasks] before.</summary>
internal abstract class OffsetForm
{
    /// <summary>One offset per class, for classification.</summary>
    public static OffsetForm PerClass { get; } = new ClassOffsets();

    /// <summary>One offset before the head, for regression.</summary>
    public static OffsetForm BeforeHead { get; } = new HeadOffset();

    /// <summary>Dimensions of one task's offset for support features [examples, features].</summary>
    public abstract long[] Shape(EpisodeProblem problem, torch.Tensor supportFeatures);

    /// <summary>Outputs [inputs, outputs] for features [inputs, features].</summary>
    public abstract torch.Tensor Outputs(
        EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor features, torch.Tensor offset);

    /// <summary>The mapping with an offset, for evaluation.</summary>
    public FeatureMapping Mapping(EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor offset) => new(
        problem, metaParameters, features => Outputs(problem, metaParameters, features, offset), () => Head(problem, metaParameters, offset));

    /// <summary>The offset by ridge regression, differentiable.</summary>
    public abstract torch.Tensor Solve(
        EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor supportFeatures, double ridge);

    /// <summary>The head, weight and bias, that gives for features alone the probabilities or values that <see cref="Outputs"/> gives with the offset; of one task.</summary>
    public abstract torch.Tensor[] Head(EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor offset);
}
