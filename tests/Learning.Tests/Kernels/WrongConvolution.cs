using MetaMap.Learning.Kernels;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Tests.Kernels;

/// <summary>Convolutions that are wrong in the ways that real kernels were: a stand-in for a processor that no test can choose.</summary>
/// <param name="spoil">Makes a right output wrong, given the input.</param>
/// <param name="isWrong">For which shapes; null for all.</param>
internal sealed class WrongConvolution(Func<torch.Tensor, torch.Tensor> spoil, Func<ConvolutionShape, bool>? isWrong = null) : Convolution
{
    private int _calls;

    /// <summary>The value is 10% too large.</summary>
    public static WrongConvolution Value { get; } = new(right => right.Times(1.1));

    /// <summary>The value is right, its first derivatives are 10% too large.</summary>
    public static WrongConvolution Gradient { get; } = new(right => right.Times(1.1).sub(right.Times(0.1).detach()));

    /// <summary>Value and first derivatives are right, second derivatives are not.</summary>
    public static WrongConvolution SecondDerivative { get; } = new(right => right.Plus(right.sub(right.detach()).Squared()));

    /// <summary>Reads memory that nobody wrote: right where it happens to hold numbers.</summary>
    public static WrongConvolution Unwritten { get; } = new(right => right.Plus(torch.empty(right.shape).Times(0)));

    public override string Name => "direct";

    /// <summary>How often it was asked.</summary>
    public int Calls => _calls;

    public override torch.Tensor Apply(torch.Tensor inputs, torch.Tensor weight, torch.Tensor? bias, long stride, long padding)
    {
        Interlocked.Increment(ref _calls);
        torch.Tensor right = Products.Apply(inputs, weight, bias, stride, padding);
        return isWrong?.Invoke(ConvolutionShape.Of(inputs, weight, stride, padding)) != false ? spoil(right) : right;
    }
}
