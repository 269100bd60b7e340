using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Loop;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Sessions;

namespace MetaMap.Worker;

/// <summary>What the actors of one worker node share: who it is, its lanes, its buffers.</summary>
public sealed class WorkerServices : IDisposable
{
    private bool _isTraining;

    /// <summary>Creates the services and starts the lanes.</summary>
    /// <param name="settings">The worker's settings.</param>
    /// <param name="blobs">Shared with a coordinator on the same node, if there is one.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="kernels">Chooses how convolutions are computed.</param>
    public WorkerServices(WorkerSettings settings, BlobStore blobs, TimeProvider time, KernelChooser kernels)
    {
        Settings = settings;
        Blobs = blobs;
        Time = time;
        Kernels = kernels;
        Lanes = new ComputeLanes(settings.Lanes);
        Sessions = new SessionServices(blobs, settings.LaneDevices[0], new SessionThread(SessionShare.Full(settings.SessionShare, settings.Lanes), () => IsTraining, time));
    }

    /// <summary>The settings.</summary>
    public WorkerSettings Settings { get; }

    /// <summary>The node's immutable buffers.</summary>
    public BlobStore Blobs { get; }

    /// <summary>The node's clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Chooses how convolutions are computed.</summary>
    internal KernelChooser Kernels { get; }

    /// <summary>The compute threads.</summary>
    public ComputeLanes Lanes { get; }

    /// <summary>What its sessions share.</summary>
    internal SessionServices Sessions { get; }

    /// <summary>True while a lane computes for a run.</summary>
    internal bool IsTraining { get => Volatile.Read(ref _isTraining); set => Volatile.Write(ref _isTraining, value); }

    /// <summary>Host name, process and a random part: unique per process start.</summary>
    public WorkerId WorkerId { get; } = new(string.Create(CultureInfo.InvariantCulture,
        $"{Environment.MachineName.ToLowerInvariant()}-{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2))}"));

    /// <summary>True once a coordinator has welcomed this worker.</summary>
    public bool WasRegistered { get; internal set; }

    /// <summary>Called with one sentence when a coordinator refuses this worker; the host ends with exit code 2.</summary>
    public Action<string> Refused { get; set; } = _ => { };

    /// <summary>Called with one sentence when the worker has lost its cluster; the host ends, and joins again.</summary>
    public Action<string> Lost { get; set; } = _ => { };

    /// <summary>True once <see cref="Lost"/> was called: there is nobody to say good-bye to.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The worker's identity and fixed properties.</summary>
    /// <param name="blobHolder">Path by which its gradients are fetched.</param>
    internal WorkerProfile Profile(string blobHolder) => new(
        WorkerId, Lanes.Count, Assembly.GetExecutingAssembly().GetName().Version!.ToString(3), string.Join("; ", Settings.Devices.Select(device => device.Description)), blobHolder, Settings.Grace);

    /// <summary>To be called when the worker has lost its cluster.</summary>
    internal void Lose(string reason)
    {
        IsLost = true;
        Lost(reason);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Lanes.Dispose();
        Sessions.Dispose();
    }
}
