using System.Runtime.InteropServices;
using MetaMap.Learning.Devices;

namespace MetaMap.Learning.Tests.Devices;

public sealed class DeviceExceptionTests
{
    private static readonly ComputeDevice _gpu = new("cuda:1", "cuda:1 A, 79.1 GiB, CUDA driver 13.0") { IsSideBySide = true };

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 GiB.\nstack", 8, "cuda:1 is out of memory with 8 episodes side by side: start the run with a smaller --batching than 8, or")]
    [InlineData("CUDA out of memory.", 1, "cuda:1 is out of memory with 1 episode: start the run with a smaller --batching or smaller episodes, or")]
    [InlineData("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 1 byte.", 2, "cuda:1 is out of memory with 2 episodes side by side")]
    [InlineData("CUDA error: unspecified launch failure\nCUDA kernel errors might be", 4, "cuda:1 has failed, so start this worker anew once it is well again: CUDA error: unspecified launch failure")]
    [InlineData("CUBLAS_STATUS_EXECUTION_FAILED when calling", 4, "cuda:1 has failed")]
    public void Of_AnErrorOfTheDevice_SaysWhatToDo(string error, int episodes, string sentence) =>
        Assert.StartsWith(sentence, DeviceException.Of(new LibtorchError(error), _gpu, episodes)?.Message, StringComparison.Ordinal);

    [Fact]
    public void Of_AnyOtherError_IsNone()
    {
        Assert.Null(DeviceException.Of(new LibtorchError("mat1 and mat2 shapes cannot be multiplied"), _gpu, 1));
        Assert.Null(DeviceException.Of(new InvalidOperationException("CUDA out of memory"), _gpu, 1));
        Assert.Null(DeviceException.Of(new LibtorchError("not enough memory"), ComputeDevice.Cpu, 1));
    }

    private sealed class LibtorchError(string message) : ExternalException(message);
}
