using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>The mean of each channel over an image's pixels, over tasks side by side.</summary>
/// <param name="pixels">Of an image.</param>
internal sealed class TaskMean(int pixels) : TaskLayer
{
    /// <inheritdoc />
    public override IReadOnlyList<int> Parameters => [];

    /// <inheritdoc />
    public override torch.Tensor Arranged(int weight, torch.Tensor parameter) => throw new InvalidOperationException("A mean has no weights.");

    /// <inheritdoc />
    public override torch.Tensor Restored(int weight, torch.Tensor arranged, IReadOnlyList<int> shape) => throw new InvalidOperationException("A mean has no weights.");

    /// <inheritdoc />
    public override TaskTape Forward(torch.Tensor input, torch.Tensor[] weights, TaskTape? statistics) => new(input, Mean(input));

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) Backward(TaskTape tape, torch.Tensor outputGradient, torch.Tensor[] weights, bool wantsInput) =>
        ([], wantsInput ? Spread(outputGradient) : null);

    /// <inheritdoc />
    public override torch.Tensor Tangent(TaskTape tape, torch.Tensor? inputTangent, torch.Tensor[] weights, torch.Tensor[] direction) => Mean(inputTangent!);

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) TangentBackward(
        TaskTape tape, torch.Tensor? inputTangent, torch.Tensor outputGradientTangent, torch.Tensor[] weights, torch.Tensor[] direction, bool wantsInput) =>
        ([], wantsInput ? Spread(outputGradientTangent) : null);

    private torch.Tensor Mean(torch.Tensor rows) => rows.reshape(rows.shape[0], -1, pixels, rows.shape[2]).sum(2).Times(1.0 / pixels);

    private torch.Tensor Spread(torch.Tensor rows) =>
        rows.Times(1.0 / pixels).unsqueeze(2).expand([rows.shape[0], rows.shape[1], pixels, rows.shape[2]]).reshape(rows.shape[0], -1, rows.shape[2]);
}
