using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Problems;

/// <summary>A mean loss over examples, one for each task where several are side by side: outputs and targets then have [tasks] before.</summary>
public abstract class Loss
{
    /// <summary>Mean cross-entropy of logits [examples, classes] against int64 labels [examples].</summary>
    public static Loss MeanCrossEntropy { get; } = new CrossEntropy();

    /// <summary>Mean squared error of outputs [examples, length] against values of that shape, over all values.</summary>
    public static Loss MeanSquaredError { get; } = new SquaredError();

    /// <summary>The loss, a scalar or [tasks], of the outputs' dtype in the caller's dispose scope.</summary>
    public abstract torch.Tensor Mean(torch.Tensor outputs, torch.Tensor targets);

    /// <summary>Share of examples whose largest output is that of their label; null where there are no classes.</summary>
    public virtual float? AccuracyFraction(torch.Tensor outputs, torch.Tensor targets) => null;

    private sealed class CrossEntropy : Loss
    {
        public override torch.Tensor Mean(torch.Tensor outputs, torch.Tensor targets) => outputs.dim() == 2
            ? F.cross_entropy(outputs, targets)
            : F.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction: torch.nn.Reduction.None).reshape(targets.shape).mean([1]);

        public override float? AccuracyFraction(torch.Tensor outputs, torch.Tensor targets)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            return outputs.argmax(1).eq(targets).to(torch.float32).mean().item<float>();
        }
    }

    private sealed class SquaredError : Loss
    {
        public override torch.Tensor Mean(torch.Tensor outputs, torch.Tensor targets) => outputs.dim() == 2
            ? F.mse_loss(outputs, targets)
            : F.mse_loss(outputs, targets, torch.nn.Reduction.None).mean([1, 2]);
    }
}
