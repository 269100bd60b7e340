using MetaMap.Core;
using MetaMap.Learning.Devices;

namespace MetaMap.Learning.Tests.Devices;

/// <summary>What <c>--device</c> finds among GPUs that a test names, and on this machine.</summary>
public sealed class ComputeDeviceTests
{
    private static readonly CudaDevices _two = new(["A, 79.1 GiB, CUDA driver 13.0", "B, 79.1 GiB, CUDA driver 13.0"], "");
    private static readonly CudaDevices _none = new([], "this machine has no NVIDIA driver");

    [Theory]
    [InlineData("auto", "cuda:0", "cuda:1")]
    [InlineData("cuda", "cuda:0", "cuda:1")]
    [InlineData("cuda:1", "cuda:1")]
    [InlineData("cuda:1,0", "cuda:1", "cuda:0")]
    [InlineData("cpu", "cpu")]
    public void Find_AmongTwo_GivesThoseThatAreAskedFor(string asked, params string[] names)
    {
        Assert.Equal(names, ComputeDevice.Find(asked, () => _two).Select(device => device.Name));
        Assert.All(ComputeDevice.Find(asked, () => _two), device => Assert.Equal(device.Name != "cpu", device.IsSideBySide));
    }

    [Theory]
    [InlineData("cuda:2", "--device names GPU 2, but there are 2, GPU 0 to 1.")]
    [InlineData("cuda:", "cuda: must be followed by different indices")]
    [InlineData("cuda:0,0", "cuda: must be followed by different indices")]
    [InlineData("cuda:-1", "cuda: must be followed by different indices")]
    [InlineData("gpu", "--device is 'gpu', but it must be auto, cpu, cuda, or cuda:")]
    [InlineData("", "--device is '', but it must be")]
    public void Find_WhatIsNotThere_IsRefused(string asked, string reason) =>
        Assert.Contains(reason, Assert.Throws<ConfigurationException>(() => ComputeDevice.Find(asked, () => _two)).Message, StringComparison.Ordinal);

    [Fact]
    public void Find_NoGpu_IsTheProcessorOrSaysWhyNone()
    {
        Assert.Equal(ComputeDevice.Cpu, Assert.Single(ComputeDevice.Find("auto", () => _none)));
        Assert.Equal("--device is cuda, but this machine has no NVIDIA driver.", Assert.Throws<ConfigurationException>(() => ComputeDevice.Find("cuda", () => _none)).Message);
    }

    [Fact]
    public void Find_OnThisMachine_GivesDevicesOrSaysWhyNone()
    {
        if (ComputeDevice.Find("auto") is [var only] && only == ComputeDevice.Cpu)
        {
            Assert.Matches("no NVIDIA driver|driver does not work|built for processors only|finds no GPU", Assert.Throws<ConfigurationException>(() => ComputeDevice.Find("cuda")).Message);
        }
        else
        {
            Assert.All(ComputeDevice.Find("cuda"), device => Assert.Contains("GiB", device.Description, StringComparison.Ordinal));
        }
    }
}
