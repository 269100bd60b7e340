using System.Diagnostics;
using System.Runtime.InteropServices;
using MetaMap.Chaos.Schedule;

namespace MetaMap.Chaos.Nodes;

/// <summary>What a node's process is meant to do.</summary>
internal enum NodeState
{
    /// <summary>Not started yet, or killed on purpose.</summary>
    Down,

    /// <summary>Run; it is started again when it ends by itself.</summary>
    Running,

    /// <summary>Stand still: SIGSTOP.</summary>
    Paused,

    /// <summary>End in good order: SIGTERM.</summary>
    Ending,
}

/// <summary>A node as a process of this build's command, started again and again. Its output goes to a file.</summary>
/// <param name="name">The node.</param>
/// <param name="log">The file.</param>
internal sealed partial class NodeProcess(NodeName name, string log) : IDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private Process? _process;
    private long _saidBefore;

    /// <summary>The node.</summary>
    public NodeName Name => name;

    /// <summary>The file with all that it said.</summary>
    public string Log => log;

    /// <summary>What it is meant to do.</summary>
    public NodeState State { get; private set; }

    /// <summary>How often it was started.</summary>
    public int Lives { get; private set; }

    /// <summary>The exit code of a process that has ended; null while it runs, and before the first start.</summary>
    public int? ExitCode => _process is { HasExited: true } process ? process.ExitCode : null;

    /// <summary>True until the process of this life says its first word: until then it is being loaded, and handles no signal.</summary>
    public bool IsSilent => LogBytes == _saidBefore;

    private long LogBytes => File.Exists(log) ? new FileInfo(log).Length : 0;

    /// <summary>Starts the process (again).</summary>
    /// <param name="inside">Words before the command.</param>
    /// <param name="arguments">Of the command.</param>
    public void Start(IEnumerable<string> inside, IEnumerable<string> arguments)
    {
        _process?.Dispose();
        _saidBefore = LogBytes;
        string[] words = [.. inside, "sh", "-c", "exec \"$@\" >> \"$0\" 2>&1 < /dev/null", log, .. Shell.Metamap, .. arguments];
        _process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false })!;
        State = NodeState.Running;
        Lives++;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        Send(SigKill);
        _process?.WaitForExit();
        State = NodeState.Down;
    }

    /// <summary>SIGTERM; <see cref="Kill"/> or <see cref="Start"/> comes later.</summary>
    public void Terminate()
    {
        Send(SigTerm);
        State = NodeState.Ending;
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause()
    {
        Send(SigStop);
        State = NodeState.Paused;
    }

    /// <summary>SIGCONT.</summary>
    public void Continue()
    {
        Send(SigCont);
        State = NodeState.Running;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
            _process.Dispose();
        }
    }

    private void Send(int signal)
    {
        if (_process is { HasExited: false } process)
        {
            _ = Signal(process.Id, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
