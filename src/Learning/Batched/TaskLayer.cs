using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>What a layer has made in one forward pass, kept for the way back.</summary>
/// <param name="Input">[tasks, rows, channels].</param>
/// <param name="Output">[tasks, rows, channels].</param>
internal record TaskTape(torch.Tensor Input, torch.Tensor Output)
{
    /// <summary>What batch norm normalised by; null for layers without.</summary>
    public TaskNorm? Norm { get; init; }

    /// <summary>What it keeps between the passes, but for the input, which is the layer's before; nulls among it are not there (yet).</summary>
    public virtual IEnumerable<torch.Tensor?> Kept => [Output, Norm?.Mean, Norm?.Scale];
}

/// <summary>What batch norm normalises a layer's channels by.</summary>
/// <param name="Mean">[tasks, 1, channels]: of the values before normalisation, without the convolution's bias.</param>
/// <param name="Scale">[tasks, 1, channels]: 1 / sqrt(variance + 1e-5) of them.</param>
internal sealed record TaskNorm(torch.Tensor Mean, torch.Tensor Scale)
{
    private const double Epsilon = 1e-5;

    /// <summary>The variance that the scale is made of.</summary>
    public torch.Tensor Variance => Scale.mul(Scale).reciprocal().PlusNumber(-Epsilon).relu();

    /// <summary>By mean and (biased) variance.</summary>
    public static TaskNorm Of(torch.Tensor mean, torch.Tensor variance) => new(mean, variance.PlusNumber(Epsilon).rsqrt());
}

/// <summary>
/// A layer over tasks side by side: every tensor begins with a dimension of tasks, and every task has weights of its own. It
/// has its derivatives as <see cref="Layered.Layer{T}"/> has, but in libtorch's operations, for devices whose memory only libtorch reads.
/// Tensors live in the caller's dispose scope and have the device and dtype of the inputs.
/// </summary>
internal abstract class TaskLayer
{
    /// <summary>Frees what it keeps from pass to pass.</summary>
    public virtual void Release()
    {
    }

    /// <summary>Positions of its weights among the network's parameters.</summary>
    public abstract IReadOnlyList<int> Parameters { get; }

    /// <summary>From a parameter's shape to [rows, channels], as the layer computes with it.</summary>
    public abstract torch.Tensor Arranged(int weight, torch.Tensor parameter);

    /// <summary>From [rows, channels] back to the parameter's shape.</summary>
    public abstract torch.Tensor Restored(int weight, torch.Tensor arranged, IReadOnlyList<int> shape);

    /// <summary>Computes the output.</summary>
    /// <param name="input">[tasks, rows, channels].</param>
    /// <param name="weights">[tasks, rows, channels] each.</param>
    /// <param name="statistics">What batch norm normalises by, without a way back; null for the statistics of the input.</param>
    public abstract TaskTape Forward(torch.Tensor input, torch.Tensor[] weights, TaskNorm? statistics);

    /// <summary>From the output's gradient to that of the weights and, if wanted, of the input.</summary>
    public abstract (torch.Tensor[] Gradient, torch.Tensor? Input) Backward(TaskTape tape, torch.Tensor outputGradient, torch.Tensor[] weights, bool wantsInput);

    /// <summary>The output's derivative along a direction of the weights; the input has one unless it is the first layer.</summary>
    public abstract torch.Tensor Tangent(TaskTape tape, torch.Tensor? inputTangent, torch.Tensor[] weights, torch.Tensor[] direction);

    /// <summary>From the derivative of the output's gradient to that of the weights' gradient and, if wanted, of the input's; after <see cref="Backward"/> and <see cref="Tangent"/>.</summary>
    public abstract (torch.Tensor[] Gradient, torch.Tensor? Input) TangentBackward(
        TaskTape tape, torch.Tensor? inputTangent, torch.Tensor outputGradientTangent, torch.Tensor[] weights, torch.Tensor[] direction, bool wantsInput);
}
