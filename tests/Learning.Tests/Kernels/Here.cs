using MetaMap.Learning.Kernels;

namespace MetaMap.Learning.Tests.Kernels;

/// <summary>The convolution that is right on the machine of the tests.</summary>
internal static class Here
{
    public static Convolution Convolution => KernelChooser.OfThisMachine.Choose().Convolution;
}
