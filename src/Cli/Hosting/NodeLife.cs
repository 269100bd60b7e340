using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MetaMap.Cli.Hosting;

/// <summary>How long a node process lives: until SIGINT or SIGTERM, or the end of another process.</summary>
internal sealed class NodeLife : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly PosixSignalRegistration[] _signals;
    private readonly Process? _parent;

    /// <summary>Starts listening for signals.</summary>
    /// <param name="parent">Process whose end also ends this node; null for none.</param>
    /// <param name="cancellation">Ends the node, too.</param>
    public NodeLife(int? parent, CancellationToken cancellation)
    {
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, End), PosixSignalRegistration.Create(PosixSignal.SIGTERM, End)];
        _parent = parent is { } pid ? EndWith(pid) : null;
    }

    /// <summary>True once the node is to end.</summary>
    public bool IsOver => _over.IsCancellationRequested;

    /// <summary>Cancelled when the node is to end.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Waits, but not beyond the end of the node.</summary>
    public async Task Wait(TimeSpan time) =>
        await Task.Delay(time, Over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose()
    {
        Array.ForEach(_signals, signal => signal.Dispose());
        _parent?.Dispose();
        _over.Dispose();
    }

    private void End(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _over.Cancel();
    }

    private Process? EndWith(int pid)
    {
        try
        {
            Process process = Process.GetProcessById(pid);
            process.EnableRaisingEvents = true;
            process.Exited += (_, _) => _over.Cancel();
            return process;
        }
        catch (ArgumentException)
        {
            // It has already ended.
            _over.Cancel();
            return null;
        }
    }
}
