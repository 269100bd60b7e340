using TorchSharp;

namespace MetaMap.Learning.Native;

/// <summary>Prepares libtorch for many lanes in one process: each lane is one thread and computes on it alone.</summary>
public static class TorchRuntime
{
    private static readonly Lazy<bool> Initialized = new(Prepare);

    [ThreadStatic]
    private static bool _threadIsPrepared;

    /// <summary>
    /// Loads libtorch, gives it one thread, and keeps freed memory in the process. Call it at process start, before
    /// any tensor; later calls do nothing.
    /// </summary>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; the message says what to do.</exception>
    public static void Initialize() => _ = Initialized.Value;

    /// <summary>
    /// Gives kernels on the calling thread one thread. libtorch passes its setting on to OpenMP in a new thread only
    /// with the first loop of its own there; this way the bits cannot depend on which kernel comes first.
    /// </summary>
    internal static void UseOneThread()
    {
        if (!_threadIsPrepared)
        {
            torch.set_num_threads(1);
            _threadIsPrepared = true;
        }
    }

    private static bool Prepare()
    {
        Allocator.KeepFreedMemory();
        NativeBackend.Load();
        torch.set_num_threads(1);
        torch.set_num_interop_threads(1);
        return true;
    }
}
