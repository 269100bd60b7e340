using TorchSharp;

namespace MetaMap.Learning.Native;

/// <summary>Prepares libtorch for many lanes in one process: each lane is one thread and computes on it alone.</summary>
public static class TorchRuntime
{
    private static readonly Lazy<Libtorch> Initialized = new(Prepare);
    private static string? _folder = Environment.GetEnvironmentVariable(NativeBackend.FolderVariable) is { Length: > 0 } folder ? folder : null;

    [ThreadStatic]
    private static bool _threadIsPrepared;

    /// <summary>
    /// Loads libtorch, gives it one thread, and keeps freed memory in the process. Call it at process start, before
    /// any tensor; later calls do nothing.
    /// </summary>
    /// <exception cref="MetaMap.Core.ConfigurationException">There is no libtorch in the folder that was named.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; the message says what to do.</exception>
    public static void Initialize() => _ = Initialized.Value;

    /// <summary>
    /// Limits kernels on the calling thread to one thread. In a new thread, libtorch passes its setting on to OpenMP only
    /// with its first own loop there; set explicitly, the bits cannot depend on which kernel comes first.
    /// </summary>
    internal static void UseOneThread()
    {
        if (!_threadIsPrepared)
        {
            torch.set_num_threads(1);
            _threadIsPrepared = true;
        }
    }

    /// <summary>The libtorch of this process, loaded.</summary>
    /// <exception cref="MetaMap.Core.ConfigurationException">There is no libtorch in the folder that was named.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; the message says what to do.</exception>
    internal static Libtorch Libtorch => Initialized.Value;

    /// <summary>Takes the libtorch of a folder, such as <c>torch/lib</c> of an installed PyTorch, instead of the one that comes along. Before <see cref="Initialize"/>.</summary>
    /// <param name="folder">Holds <c>libtorch_cpu.so</c>.</param>
    /// <exception cref="InvalidOperationException">Another libtorch is loaded already.</exception>
    public static void UseFolder(string folder) =>
        _folder = Initialized.IsValueCreated && folder != _folder ? throw new InvalidOperationException("Another libtorch is loaded already.") : folder;

    private static Libtorch Prepare()
    {
        Allocator.KeepFreedMemory();
        bool hasCuda = NativeBackend.Load(_folder);
        torch.set_num_threads(1);
        torch.set_num_interop_threads(1);
        return new Libtorch(_folder, _folder is null ? torch.__version__ : Libtorch.VersionIn(_folder), hasCuda);
    }
}
