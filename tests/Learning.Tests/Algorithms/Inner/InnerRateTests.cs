using MetaMap.Learning.Inner;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms.Inner;

/// <summary>
/// TorchSharp hands a number to libtorch in a small native object that the garbage collector may free while libtorch
/// still reads it, when nothing else holds it. Seen as one wrong or failed block in some thousands.
/// </summary>
[Collection(Alone.Name)]
public sealed class InnerRateTests
{
    [Fact]
    public void Descend_WhileGarbageIsCollected_StepsByTheSameRate()
    {
        Alone.WhileGarbageIsCollected(() =>
        {
            for (int i = 0; i < 2; i++)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                torch.Tensor[] theta = [.. Enumerable.Range(0, 100).Select(_ => torch.zeros(2, requires_grad: true))];
                InnerRule rule = new InnerLoop(0.25, 200).Rule(AdaptingParameters.All(theta.Length));
                torch.Tensor[] fast = InnerAdaptation.Descend(
                    rule, theta, (_, weights, _) => torch.cat([.. weights]).sum(), 200, InnerGraph.Fresh);
                Assert.All(fast, weights => Assert.Equal([-50f, -50f], weights.data<float>().ToArray()));
            }
        });
    }
}
