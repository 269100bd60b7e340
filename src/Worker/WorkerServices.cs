using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Lanes;

namespace MetaMap.Worker;

/// <summary>What the actors of one worker node share: who it is, its lanes, its buffers.</summary>
public sealed class WorkerServices : IDisposable
{
    private volatile ImmutableSortedSet<string> _kernels = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Creates the services and starts the lanes.</summary>
    /// <param name="settings">The node.</param>
    /// <param name="blobs">Shared with a coordinator on the same node, if there is one.</param>
    public WorkerServices(WorkerSettings settings, BlobStore blobs)
    {
        Settings = settings;
        Blobs = blobs;
        Lanes = new LanePool(settings.Lanes, TimeProvider.System);
    }

    /// <summary>The settings.</summary>
    public WorkerSettings Settings { get; }

    /// <summary>The node's immutable buffers.</summary>
    public BlobStore Blobs { get; }

    /// <summary>The compute threads.</summary>
    public LanePool Lanes { get; }

    /// <summary>Host name, process and a random part: unique per process start.</summary>
    public WorkerId WorkerId { get; } = new(string.Create(CultureInfo.InvariantCulture,
        $"{Environment.MachineName.ToLowerInvariant()}-{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2))}"));

    /// <summary>Version of this build.</summary>
    public string SoftwareVersion { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>What the lanes compute on.</summary>
    public static string Device => "cpu";

    /// <summary>How this worker computes convolutions, for people; empty before its first run.</summary>
    public string Kernels => string.Join("; ", _kernels);

    /// <summary>A run computes its convolutions like this; most do alike.</summary>
    internal void Computes(string kernels) => _kernels = _kernels.Add(kernels);

    /// <summary>True once a coordinator has welcomed this worker.</summary>
    public bool WasRegistered { get; internal set; }

    /// <summary>Called with one sentence when a coordinator refuses this worker; the host ends with exit code 2.</summary>
    public Action<string> Refused { get; set; } = _ => { };

    /// <summary>Called with one sentence when the worker has lost its cluster; the host ends and joins anew.</summary>
    public Action<string> Lost { get; set; } = _ => { };

    /// <summary>True once <see cref="Lost"/> was called: there is nobody to say good-bye to.</summary>
    public bool IsLost { get; internal set; }

    /// <inheritdoc />
    public void Dispose() => Lanes.Dispose();
}
