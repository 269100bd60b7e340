using MetaMap.Learning.Devices;

namespace MetaMap.Learning.Tests.Batched;

/// <summary>The processor in the place of a GPU: it computes a block's episodes side by side, as a GPU does.</summary>
internal static class SideBySide
{
    public static ComputeDevice Device { get; } = new("cpu", "cpu, side by side") { IsSideBySide = true };
}
