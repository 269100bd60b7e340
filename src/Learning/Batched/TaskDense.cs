using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>A fully connected layer over tasks side by side, with ReLU or without; over patches it is a convolution.</summary>
/// <param name="weight">Position of the weight [outputs, channels · pixels] or [outputs, channels, …sizes of pixels].</param>
/// <param name="bias">Position of the bias [outputs].</param>
/// <param name="isRectified">With ReLU.</param>
/// <param name="pixels">Pixels in a row of its input, channels last.</param>
internal sealed class TaskDense(int weight, int bias, bool isRectified, int pixels = 1) : TaskLayer
{
    /// <inheritdoc />
    public override IReadOnlyList<int> Parameters => [weight, bias];

    /// <inheritdoc />
    public override torch.Tensor Arranged(int weight, torch.Tensor parameter) =>
        weight != 0 ? parameter.unsqueeze(0)
        : pixels == 1 ? parameter.reshape(parameter.shape[0], -1).t()
        : parameter.reshape(parameter.shape[0], -1, pixels).permute(2, 1, 0).reshape(-1, parameter.shape[0]);

    /// <inheritdoc />
    public override torch.Tensor Restored(int weight, torch.Tensor arranged, IReadOnlyList<int> shape) =>
        weight != 0 ? arranged.squeeze(0)
        : (pixels == 1 ? arranged.t() : arranged.reshape(pixels, -1, arranged.shape[1]).permute(2, 1, 0)).reshape([.. shape.Select(size => (long)size)]);

    /// <inheritdoc />
    public override TaskTape Forward(torch.Tensor input, torch.Tensor[] weights, TaskNorm? statistics)
    {
        torch.Tensor z = input.matmul(weights[0]).Plus(weights[1]);
        return new DenseTape(input, isRectified ? z.relu() : z);
    }

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) Backward(TaskTape tape, torch.Tensor outputGradient, torch.Tensor[] weights, bool wantsInput)
    {
        var own = (DenseTape)tape;
        own.ZGradient = Rectified(own, outputGradient);
        return ([own.Input.mT.matmul(own.ZGradient), own.ZGradient.sum(1, keepdim: true)], wantsInput ? own.ZGradient.matmul(weights[0].mT) : null);
    }

    /// <inheritdoc />
    public override torch.Tensor Tangent(TaskTape tape, torch.Tensor? inputTangent, torch.Tensor[] weights, torch.Tensor[] direction)
    {
        torch.Tensor z = tape.Input.matmul(direction[0]).Plus(direction[1]);
        return Rectified(tape, inputTangent is null ? z : z.Plus(inputTangent.matmul(weights[0])));
    }

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) TangentBackward(
        TaskTape tape, torch.Tensor? inputTangent, torch.Tensor outputGradientTangent, torch.Tensor[] weights, torch.Tensor[] direction, bool wantsInput)
    {
        var own = (DenseTape)tape;
        torch.Tensor z = Rectified(own, outputGradientTangent);
        torch.Tensor gradient = own.Input.mT.matmul(z);
        gradient = inputTangent is null ? gradient : gradient.Plus(inputTangent.mT.matmul(own.ZGradient));
        return ([gradient, z.sum(1, keepdim: true)], wantsInput ? z.matmul(weights[0].mT).Plus(own.ZGradient.matmul(direction[0].mT)) : null);
    }

    // ReLU's derivative is zero where its output is.
    private torch.Tensor Rectified(TaskTape tape, torch.Tensor gradient) => isRectified ? gradient.mul(tape.Output.sign()) : gradient;

    private sealed record DenseTape(torch.Tensor Input, torch.Tensor Output) : TaskTape(Input, Output)
    {
        public override IEnumerable<torch.Tensor?> Kept => [.. base.Kept, ZGradient];

        /// <summary>Gradient by the values before ReLU.</summary>
        public torch.Tensor ZGradient { get; set; } = null!;
    }
}
