using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>How far an inner step goes along its direction.</summary>
internal abstract class InnerRate
{
    /// <summary>One constant rate.</summary>
    public static InnerRate Constant(double rate) => new ConstantRate(rate);

    /// <summary>Meta-SGD: a meta-parameter per adapting tensor, of its shape.</summary>
    /// <param name="first">Position among the meta-parameters of the first one's.</param>
    public static InnerRate PerParameter(int first) => new LearnedRate(first, perStep: false);

    /// <summary>MAML++: a meta-parameter [steps] per adapting tensor; later steps use the last rate.</summary>
    /// <param name="first">Position among the meta-parameters of the first one's.</param>
    public static InnerRate PerStep(int first) => new LearnedRate(first, perStep: true);

    /// <summary>current - rate · direction, a fresh tensor in the caller's dispose scope.</summary>
    /// <param name="current">Fast weights of one adapting tensor.</param>
    /// <param name="direction">Of their shape.</param>
    /// <param name="metaParameters">All meta-parameters.</param>
    /// <param name="tensor">Which adapting tensor, from 0.</param>
    /// <param name="innerStep">From 0.</param>
    public abstract torch.Tensor Move(
        torch.Tensor current, torch.Tensor direction, IReadOnlyList<torch.Tensor> metaParameters, int tensor, int innerStep);

    private sealed class ConstantRate(double rate) : InnerRate
    {
        public override torch.Tensor Move(
            torch.Tensor current, torch.Tensor direction, IReadOnlyList<torch.Tensor> metaParameters, int tensor, int innerStep)
        {
            // Held until the step is done: TorchSharp does not keep a scalar alive while libtorch reads it.
            using Scalar minusRate = -rate;
            return torch.add(current, direction, minusRate);
        }
    }

    private sealed class LearnedRate(int first, bool perStep) : InnerRate
    {
        public override torch.Tensor Move(
            torch.Tensor current, torch.Tensor direction, IReadOnlyList<torch.Tensor> metaParameters, int tensor, int innerStep)
        {
            torch.Tensor rate = metaParameters[first + tensor];
            torch.Tensor now = perStep ? rate.select(0, Math.Min(innerStep, rate.shape[0] - 1)) : rate;
            return current.sub(direction.mul(now));
        }
    }
}
