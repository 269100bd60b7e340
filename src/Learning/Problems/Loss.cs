using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Problems;

/// <summary>A mean loss over examples.</summary>
public abstract class Loss
{
    /// <summary>Mean cross-entropy of logits [examples, classes] against int64 labels [examples].</summary>
    public static Loss MeanCrossEntropy { get; } = new CrossEntropy();

    /// <summary>Mean squared error of outputs [examples, length] against values of that shape, over all values.</summary>
    public static Loss MeanSquaredError { get; } = new SquaredError();

    /// <summary>The loss, a scalar of the outputs' dtype in the caller's dispose scope.</summary>
    public abstract torch.Tensor Mean(torch.Tensor outputs, torch.Tensor targets);

    /// <summary>Share of examples whose largest output is that of their label; null where there are no classes.</summary>
    public virtual float? AccuracyFraction(torch.Tensor outputs, torch.Tensor targets) => null;

    private sealed class CrossEntropy : Loss
    {
        public override torch.Tensor Mean(torch.Tensor outputs, torch.Tensor targets) => F.cross_entropy(outputs, targets);

        public override float? AccuracyFraction(torch.Tensor outputs, torch.Tensor targets)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            return outputs.argmax(1).eq(targets).to(torch.float32).mean().item<float>();
        }
    }

    private sealed class SquaredError : Loss
    {
        public override torch.Tensor Mean(torch.Tensor outputs, torch.Tensor targets) => F.mse_loss(outputs, targets);
    }
}
