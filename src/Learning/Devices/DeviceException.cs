using System.Runtime.InteropServices;
using MetaMap.Core;

namespace MetaMap.Learning.Devices;

/// <summary>A GPU cannot compute a run, or not any more: it is out of memory, or has failed. The message is one sentence for people.</summary>
public sealed class DeviceException : ReadableException
{
    private DeviceException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Recognises an error of libtorch that is about the device.</summary>
    /// <param name="error">What libtorch threw.</param>
    /// <param name="device">Where it computed.</param>
    /// <param name="episodes">How many episodes side by side.</param>
    /// <returns>Null for any other error.</returns>
    internal static DeviceException? Of(Exception error, ComputeDevice device, int episodes)
    {
        if (!device.IsSideBySide || error is not ExternalException)
        {
            return null;
        }

        string reason = error.Message.Split('\n')[0].Trim();
        return reason.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || reason.Contains("not enough memory", StringComparison.OrdinalIgnoreCase)
            ? new($"{device.Name} is out of memory with {(episodes == 1 ? "1 episode" : $"{episodes} episodes side by side")}: start the run with a smaller --batching"
                + $"{(episodes == 1 ? " or smaller episodes" : $" than {episodes}")}, or give it a device with more memory ({device.Description})", error)
            : reason.Contains("CUDA", StringComparison.Ordinal) || reason.Contains("CUBLAS", StringComparison.Ordinal) || reason.Contains("CUDNN", StringComparison.Ordinal)
            ? new($"{device.Name} has failed, so start this worker anew once it is well again: {reason}", error) : null;
    }
}
