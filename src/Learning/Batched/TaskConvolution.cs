using MetaMap.Learning.Layered;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>
/// Convolution as matrix products over patches, batch norm by the batch's statistics, ReLU, and 2x2 max-pooling if wanted, over tasks side
/// by side. Rows are pixels, image by image, channels last.
/// </summary>
/// <param name="plan">Where its weights are, and pooling.</param>
/// <param name="patches">Its filters over an input image.</param>
internal sealed class TaskConvolution(LayerPlan.Convolution plan, TaskPatches patches) : TaskLayer
{
    private readonly int _height = patches.OutputHeight;
    private readonly int _width = patches.OutputWidth;

    /// <summary>What it was made of.</summary>
    public LayerPlan.Convolution Plan => plan;

    /// <summary>Sizes of an output image.</summary>
    public (int Height, int Width) OutputSize => plan.Pools ? (_height / 2, _width / 2) : (_height, _width);

    /// <inheritdoc />
    public override IReadOnlyList<int> Parameters => [plan.Weight, plan.Gain, plan.Shift];

    /// <inheritdoc />
    public override torch.Tensor Arranged(int weight, torch.Tensor parameter) =>
        weight == 0 ? parameter.permute(2, 3, 1, 0).reshape(-1, parameter.shape[0]) : parameter.unsqueeze(0);

    /// <inheritdoc />
    public override torch.Tensor Restored(int weight, torch.Tensor arranged, IReadOnlyList<int> shape) =>
        weight == 0 ? arranged.reshape(shape[2], shape[3], shape[1], shape[0]).permute(3, 2, 0, 1) : arranged.squeeze(0);

    /// <inheritdoc />
    public override TaskTape Forward(torch.Tensor input, torch.Tensor[] weights, TaskNorm? statistics)
    {
        torch.Tensor rows = patches.Gather(input);
        torch.Tensor z = rows.matmul(weights[0]);
        torch.Tensor mean = statistics?.Mean ?? z.mean([1], keepdim: true);
        torch.Tensor centred = z.sub(mean);
        TaskNorm norm = statistics ?? TaskNorm.Of(mean, centred.mul(centred).mean([1], keepdim: true));
        torch.Tensor x = centred.mul(norm.Scale);
        torch.Tensor y = x.mul(weights[1]).Plus(weights[2]);
        torch.Tensor? winners = null;
        if (plan.Pools)
        {
            (y, winners) = Windows(y).max(-1);
            winners = winners.unsqueeze(-1);
        }

        return new ConvolutionTape(input, y.relu(), rows, x, winners) { Norm = norm };
    }

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) Backward(TaskTape tape, torch.Tensor outputGradient, torch.Tensor[] weights, bool wantsInput)
    {
        var own = (ConvolutionTape)tape;
        double share = 1.0 / own.X.shape[1];
        torch.Tensor y = outputGradient.mul(own.IsOn);
        torch.Tensor shift = y.sum(1, keepdim: true);
        torch.Tensor gain = y.mul(own.XOfWinners(this)).sum(1, keepdim: true);
        (own.ShiftMean, own.GainMean) = (shift.Times(share), gain.Times(share));
        own.Error = Spread(own, y).sub(own.ShiftMean).sub(own.X.mul(own.GainMean));
        own.ZGradient = own.Error.mul(weights[1].mul(own.Scale));
        return ([own.Patches.mT.matmul(own.ZGradient), gain, shift], wantsInput ? patches.Scatter(own.ZGradient.matmul(weights[0].mT)) : null);
    }

    /// <inheritdoc />
    public override torch.Tensor Tangent(TaskTape tape, torch.Tensor? inputTangent, torch.Tensor[] weights, torch.Tensor[] direction)
    {
        var own = (ConvolutionTape)tape;
        torch.Tensor z = own.Patches.matmul(direction[0]);
        if (inputTangent is not null)
        {
            own.PatchesTangent = patches.Gather(inputTangent);
            z = z.Plus(own.PatchesTangent.matmul(weights[0]));
        }

        torch.Tensor projection = z.mul(own.X).mean([1], keepdim: true);
        own.XTangent = z.sub(z.mean([1], keepdim: true)).sub(own.X.mul(projection)).mul(own.Scale);
        own.ScaleTangent = own.Scale.mul(own.Scale).mul(projection).neg();
        own.XTangentOfWinners = OfWinners(own, own.XTangent);
        return direction[1].mul(own.XOfWinners(this)).Plus(weights[1].mul(own.XTangentOfWinners)).Plus(direction[2]).mul(own.IsOn);
    }

    /// <inheritdoc />
    public override (torch.Tensor[] Gradient, torch.Tensor? Input) TangentBackward(
        TaskTape tape, torch.Tensor? inputTangent, torch.Tensor outputGradientTangent, torch.Tensor[] weights, torch.Tensor[] direction, bool wantsInput)
    {
        var own = (ConvolutionTape)tape;
        double share = 1.0 / own.X.shape[1];
        torch.Tensor y = outputGradientTangent.mul(own.IsOn);
        torch.Tensor shift = y.sum(1, keepdim: true);
        // dY itself is not kept: the sum over dY x· of winners is that over the error and its means.
        torch.Tensor dy = own.Error.Plus(own.ShiftMean).Plus(own.X.mul(own.GainMean));
        torch.Tensor gain = y.mul(own.XOfWinners(this)).sum(1, keepdim: true).Plus(dy.mul(own.XTangent).sum(1, keepdim: true));
        torch.Tensor error = Spread(own, y).sub(shift.Times(share)).sub(own.XTangent.mul(own.GainMean)).sub(own.X.mul(gain.Times(share)));
        torch.Tensor factor = direction[1].mul(own.Scale).Plus(weights[1].mul(own.ScaleTangent));
        torch.Tensor z = own.Error.mul(factor).Plus(error.mul(weights[1].mul(own.Scale)));
        torch.Tensor filters = own.Patches.mT.matmul(z);
        filters = own.PatchesTangent is null ? filters : filters.Plus(own.PatchesTangent.mT.matmul(own.ZGradient));
        return ([filters, gain, shift], wantsInput ? patches.Scatter(z.matmul(weights[0].mT).Plus(own.ZGradient.matmul(direction[0].mT))) : null);
    }

    // [tasks, output rows, channels, 4]: the four pixels of each window; the last odd row and column are dropped.
    private torch.Tensor Windows(torch.Tensor rows)
    {
        (int height, int width) = OutputSize;
        return rows.reshape(-1, _height, _width, rows.shape[2]).narrow(1, 0, 2 * height).narrow(2, 0, 2 * width)
            .reshape(-1, height, 2, width, 2, rows.shape[2]).permute(0, 1, 3, 5, 2, 4).reshape(rows.shape[0], -1, rows.shape[2], 4);
    }

    private torch.Tensor OfWinners(ConvolutionTape tape, torch.Tensor rows) => tape.Winners is null ? rows : Windows(rows).gather(-1, tape.Winners).squeeze(-1);

    // From the outputs' rows to those before pooling: zero but for the winners.
    private torch.Tensor Spread(ConvolutionTape tape, torch.Tensor outputs)
    {
        if (tape.Winners is null)
        {
            return outputs;
        }

        (int height, int width) = OutputSize;
        long channels = outputs.shape[2];
        torch.Tensor windows = torch.zeros([outputs.shape[0], outputs.shape[1], channels, 4], dtype: outputs.dtype, device: outputs.device);
        torch.Tensor images = windows.scatter_(-1, tape.Winners, outputs.unsqueeze(-1)).reshape(-1, height, width, channels, 2, 2).permute(0, 1, 4, 2, 5, 3)
            .reshape(-1, 2 * height, 2 * width, channels);
        return torch.nn.functional.pad(images, [0, 0, 0, _width - 2 * width, 0, _height - 2 * height]).reshape(outputs.shape[0], -1, channels);
    }

    /// <param name="Input">[tasks, images · pixels, channels].</param>
    /// <param name="Output">[tasks, images · output pixels, filters].</param>
    /// <param name="Patches">[tasks, rows, patch]: of the input.</param>
    /// <param name="X">[tasks, rows, filters]: normalised values.</param>
    /// <param name="Winners">[tasks, output rows, filters, 1]: which of a window's four; null without pooling.</param>
    private sealed record ConvolutionTape(
        torch.Tensor Input, torch.Tensor Output, torch.Tensor Patches, torch.Tensor X, torch.Tensor? Winners) : TaskTape(Input, Output)
    {
        private torch.Tensor? _xOfWinners;

        public override IEnumerable<torch.Tensor?> Kept => [.. base.Kept, Patches, X, Winners, IsOn, Error, ShiftMean, GainMean, ZGradient, _xOfWinners];

        public torch.Tensor Scale => Norm!.Scale;

        /// <summary>1 where ReLU lets the output through, else 0.</summary>
        public torch.Tensor IsOn { get; } = Output.sign();

        /// <summary>dY - mean dY - x mean(dY x).</summary>
        public torch.Tensor Error { get; set; } = null!;

        /// <summary>Mean of dY.</summary>
        public torch.Tensor ShiftMean { get; set; } = null!;

        /// <summary>Mean of dY x.</summary>
        public torch.Tensor GainMean { get; set; } = null!;

        /// <summary>Gradient by the values before normalisation.</summary>
        public torch.Tensor ZGradient { get; set; } = null!;

        public torch.Tensor? PatchesTangent { get; set; }

        public torch.Tensor XTangent { get; set; } = null!;

        public torch.Tensor XTangentOfWinners { get; set; } = null!;

        public torch.Tensor ScaleTangent { get; set; } = null!;

        public torch.Tensor XOfWinners(TaskConvolution layer) => _xOfWinners ??= layer.OfWinners(this, X);
    }
}
