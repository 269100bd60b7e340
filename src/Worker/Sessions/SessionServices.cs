using MetaMap.Learning.Devices;
using MetaMap.Shared.Blobs;

namespace MetaMap.Worker.Sessions;

/// <summary>What the sessions of one worker share.</summary>
/// <param name="blobs">The node's immutable buffers.</param>
/// <param name="device">Where they compute.</param>
/// <param name="thread">On which thread.</param>
internal sealed class SessionServices(BlobStore blobs, ComputeDevice device, SessionThread thread) : IDisposable
{
    private const long MostBytes = 512L << 20;

    /// <summary>The node's immutable buffers.</summary>
    public BlobStore Blobs => blobs;

    /// <summary>Where they compute.</summary>
    public ComputeDevice Device => device;

    /// <summary>On which thread.</summary>
    public SessionThread Thread => thread;

    /// <summary>What they hold.</summary>
    public SessionShelf Shelf { get; } = new(MostBytes);

    /// <inheritdoc />
    public void Dispose() => thread.Dispose();
}
