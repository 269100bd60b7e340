using MetaMap.Learning.Devices;

namespace MetaMap.Learning.Tests.Devices;

/// <summary>What is said of machines that a test describes, and of this one.</summary>
public sealed class DeviceReportTests
{
    private static readonly CudaDriver _working = new("13.0", "580.95.05", null, ["A, 79.2 GiB", "B, 79.2 GiB"]);
    private static readonly CudaDriver _broken = new("12.4", null, "no CUDA-capable device is detected", []);

    [Fact]
    public void Of_WorkingDriver_NamesVersionsAndGpus() => Assert.Equal(
        ["NVIDIA driver: 580.95.05, for CUDA up to 13.0", "GPU 0: A, 79.2 GiB", "GPU 1: B, 79.2 GiB", "CUDA_VISIBLE_DEVICES: '0,1', which hides all others"],
        DeviceReport.Of(_working, "0,1").Select(Line));

    [Fact]
    public void Of_NoDriverOrABrokenOne_SaysWhatIsWrong()
    {
        Assert.Equal(["NVIDIA driver: none: libcuda.so.1 cannot be loaded", "GPU: none"], DeviceReport.Of(null, null).Select(Line));
        Assert.Equal(
            ["NVIDIA driver: of unknown version, for CUDA up to 12.4, which does not work: no CUDA-capable device is detected", "GPU: none"],
            DeviceReport.Of(_broken, null).Select(Line));
    }

    [Fact]
    public void Here_OnThisMachine_EndsWithTheLibtorch()
    {
        Finding last = DeviceReport.Here().Last();
        Assert.Equal("libtorch", last.What);
        Assert.Matches(@"^2\.1\d\.\d", last.Found);
    }

    [Fact]
    public void CudaDevices_OfEachMachine_AreItsGpusOrTheReasonWhyNone()
    {
        Assert.Equal(["A, 79.2 GiB, CUDA driver 13.0", "B, 79.2 GiB, CUDA driver 13.0"], [.. CudaDevices.Of(_working, hasCuda: true, count: 2).Descriptions]);
        Assert.StartsWith("this machine has no NVIDIA driver", CudaDevices.Of(null, hasCuda: true, count: 0).WhyNone, StringComparison.Ordinal);
        Assert.StartsWith("the NVIDIA driver does not work here (no CUDA-capable device is detected)", CudaDevices.Of(_broken, hasCuda: true, count: 0).WhyNone, StringComparison.Ordinal);
        Assert.StartsWith("the libtorch here is built for processors only", CudaDevices.Of(_working, hasCuda: false, count: 0).WhyNone, StringComparison.Ordinal);
        Assert.StartsWith("libtorch finds no GPU with driver version 13.0", CudaDevices.Of(_working, hasCuda: true, count: 0).WhyNone, StringComparison.Ordinal);
    }

    private static string Line(Finding finding) => $"{finding.What}: {finding.Found}";
}
