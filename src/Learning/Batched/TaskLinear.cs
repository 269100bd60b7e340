using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>A layer without weights that maps its input linearly.</summary>
internal abstract class TaskLinear : TaskLayer
{
    /// <inheritdoc />
    public override IReadOnlyList<int> Parameters => [];

    /// <inheritdoc />
    public override torch.Tensor Arranged(int weight, torch.Tensor parameter) => throw new InvalidOperationException("This layer has no weights.");

    /// <inheritdoc />
    public override torch.Tensor Restored(int weight, torch.Tensor arranged, IReadOnlyList<int> shape) => throw new InvalidOperationException("This layer has no weights.");

    /// <inheritdoc />
    public override TaskTape Forward(torch.Tensor input, torch.Tensor[] weights, TaskNorm? statistics) => new(input, Map(input));

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) Backward(TaskTape tape, torch.Tensor outputGradient, torch.Tensor[] weights, bool wantsInput) =>
        ([], wantsInput ? MapBack(outputGradient) : null);

    /// <inheritdoc />
    public override torch.Tensor Tangent(TaskTape tape, torch.Tensor? inputTangent, torch.Tensor[] weights, torch.Tensor[] direction) => Map(inputTangent!);

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) TangentBackward(
        TaskTape tape, torch.Tensor? inputTangent, torch.Tensor outputGradientTangent, torch.Tensor[] weights, torch.Tensor[] direction, bool wantsInput) =>
        ([], wantsInput ? MapBack(outputGradientTangent) : null);

    /// <summary>From [tasks, rows, channels] of the input to those of the output.</summary>
    protected abstract torch.Tensor Map(torch.Tensor rows);

    /// <summary>The transpose.</summary>
    protected abstract torch.Tensor MapBack(torch.Tensor rows);
}
