using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>The mean loss of each task's outputs, with its gradient and the gradient's tangent.</summary>
/// <param name="Losses">[tasks].</param>
/// <param name="Gradient">[tasks, examples, outputs].</param>
internal abstract record TaskLoss(torch.Tensor Losses, torch.Tensor Gradient)
{
    /// <summary>The tangent of the gradient along a tangent of the outputs.</summary>
    public abstract torch.Tensor GradientTangent(torch.Tensor outputTangent);

    /// <summary>Mean cross-entropy.</summary>
    /// <param name="outputs">[tasks, examples, classes].</param>
    /// <param name="labels">int64 [tasks, examples].</param>
    public static TaskLoss CrossEntropy(torch.Tensor outputs, torch.Tensor labels)
    {
        double share = 1.0 / outputs.shape[1];
        torch.Tensor logs = outputs.log_softmax(-1);
        torch.Tensor probabilities = logs.exp();
        torch.Tensor label = labels.unsqueeze(-1);
        torch.Tensor ones = torch.zeros_like(outputs).scatter_(-1, label, torch.ones_like(label).to(outputs.dtype));
        return new OfLabels(logs.mul(ones).sum([1, 2]).Times(-share), probabilities.sub(ones).Times(share), probabilities, share);
    }

    /// <summary>Mean squared error over all values.</summary>
    /// <param name="outputs">[tasks, examples, target length].</param>
    /// <param name="values">As the outputs.</param>
    public static TaskLoss SquaredError(torch.Tensor outputs, torch.Tensor values)
    {
        double share = 1.0 / (outputs.shape[1] * outputs.shape[2]);
        torch.Tensor difference = outputs.sub(values);
        return new OfValues(difference.Squared().sum([1, 2]).Times(share), difference.Times(2 * share), 2 * share);
    }

    private sealed record OfLabels(torch.Tensor Losses, torch.Tensor Gradient, torch.Tensor Probabilities, double Share) : TaskLoss(Losses, Gradient)
    {
        /// <inheritdoc />
        public override torch.Tensor GradientTangent(torch.Tensor outputTangent)
        {
            torch.Tensor weighted = Probabilities.mul(outputTangent);
            return weighted.sub(Probabilities.mul(weighted.sum(-1, keepdim: true))).Times(Share);
        }
    }

    private sealed record OfValues(torch.Tensor Losses, torch.Tensor Gradient, double Factor) : TaskLoss(Losses, Gradient)
    {
        /// <inheritdoc />
        public override torch.Tensor GradientTangent(torch.Tensor outputTangent) => outputTangent.Times(Factor);
    }
}
