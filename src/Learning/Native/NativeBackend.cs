using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MetaMap.Core;
using TorchSharp;

namespace MetaMap.Learning.Native;

/// <summary>
/// Loads libtorch before TorchSharp does. On failure, TorchSharp shows a page about package references and copies half a
/// gigabyte of libraries in search of others; the loader's own message is to the point.
/// </summary>
internal static partial class NativeBackend
{
    private const string Remedy =
        "start MetaMap through ./metamap, which checks for it, or install the libstdc++ of GCC 13 or newer "
        + "(Ubuntu 24.04, Debian 13 and Fedora 39 have it)";

    /// <summary>Environment variable: the folder of a libtorch that is installed already, such as <c>torch/lib</c> of a PyTorch.</summary>
    public const string FolderVariable = "METAMAP_LIBTORCH";

    /// <summary>The libtorch that comes along, where it does not lie beside TorchSharp.</summary>
    private static readonly string _own = Path.Combine(AppContext.BaseDirectory, "libtorch");

    /// <summary>In the order in which they need each other; loaded by their full paths, they are found by name afterwards.</summary>
    private static readonly (string File, bool IsOfCuda)[] _libraries =
        [("libc10.so", false), ("libtorch_cpu.so", false), ("libtorch_cuda.so", true), ("libtorch.so", false)];

    /// <summary>Loads the native libraries.</summary>
    /// <param name="folder">Of a libtorch that is installed already; null for the one that comes along.</param>
    /// <returns>Whether it can compute on GPUs of CUDA, if there are any.</returns>
    /// <exception cref="ConfigurationException">There is no libtorch in the folder.</exception>
    /// <exception cref="NativeLibraryException">A library or what it needs is missing.</exception>
    public static bool Load(string? folder)
    {
        string? from = folder ?? (File.Exists(Path.Combine(_own, "libtorch_cpu.so")) ? _own : null);
        // Without it, cuBLAS may add in another order from call to call.
        NativeEnvironment.SetDefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
        bool hasCuda = false;
        try
        {
            if (from is not null)
            {
                RequireNoOther(from);
                hasCuda = LoadFrom(from);
            }

            // Named as TorchSharp names them: loaded already, or beside it. typeof does not run TorchSharp's own loader.
            NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, searchPath: null);
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, searchPath: null);
            return hasCuda || NativeLibrary.TryLoad("torch_cuda", typeof(torch).Assembly, searchPath: null, out _);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new NativeLibraryException(Explain(error.Message, from), error);
        }
    }

    /// <summary>TorchSharp also loads a libtorch that lies beside it, and a process with two of them ends.</summary>
    private static void RequireNoOther(string folder)
    {
        if (Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch_cpu.*").FirstOrDefault() is { } other)
        {
            throw new ConfigurationException(
                $"There is a libtorch in {folder} and another beside this program ({Path.GetFileName(other)}), but a process can have only one; leave out --libtorch and {FolderVariable}, or use a build for Linux with TorchBackend=cpu.");
        }
    }

    private static bool LoadFrom(string given)
    {
        string folder = Path.GetFullPath(given);
        if (!File.Exists(Path.Combine(folder, "libtorch_cpu.so")))
        {
            throw new ConfigurationException(
                $"There is no libtorch_cpu.so in '{folder}'; --libtorch and {FolderVariable} name the folder of a libtorch, such as torch/lib of an installed PyTorch.");
        }

        bool hasCuda = false;
        foreach ((string file, bool isOfCuda) in _libraries)
        {
            string path = Path.Combine(folder, file);
            if (!isOfCuda || File.Exists(path))
            {
                if (File.Exists(path) && !ElfFile.IsWhole(path))
                {
                    throw new DllNotFoundException($"\n{path}: the file is cut off");
                }

                NativeLibrary.Load(path);
                hasCuda |= isOfCuda;
            }
        }

        return hasCuda;
    }

    /// <summary>The loader's own message, without .NET's in front of it.</summary>
    private static string Reason(string loaderMessage)
    {
        string[] lines = loaderMessage.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines[Math.Min(1, lines.Length - 1)].TrimEnd('.');
    }

    /// <summary>One sentence for people out of the loader's message.</summary>
    /// <param name="loaderMessage">The message.</param>
    /// <param name="folder">Where the libtorch is; null where it was sought beside TorchSharp.</param>
    public static string Explain(string loaderMessage, string? folder = null)
    {
        if (MissingVersion().Match(loaderMessage) is { Success: true } version)
        {
            return $"TorchSharp needs a newer C++ runtime: {version.Groups["library"].Value} lacks "
                + $"{version.Groups["symbol"].Value}; {Remedy}.";
        }

        if (MissingDependency().Match(loaderMessage) is { Success: true } dependency)
        {
            return $"libtorch cannot be loaded because it needs {dependency.Groups["library"].Value}, which this system "
                + "lacks; install the package that has it (libgomp1 and libstdc++6 on Debian and Ubuntu).";
        }

        return folder is not null ? $"The libtorch in {folder} cannot be used: {Reason(loaderMessage)}. TorchSharp 0.107 works with libtorch 2.10 and 2.11."
            : $"libtorch is not in {AppContext.BaseDirectory} for {RuntimeInformation.RuntimeIdentifier}; "
                + "build MetaMap on the platform that it runs on (64-bit Linux with glibc, Windows, or macOS on ARM).";
    }

    [GeneratedRegex(@"(?<library>[^\s:]+): version [`'](?<symbol>[\w.]+)' not found")]
    private static partial Regex MissingVersion();

    // A library that another one needs is named without a directory; names that were merely tried have one.
    [GeneratedRegex(@"^(?<library>lib[^\s/:]+\.so[^\s/:]*): cannot open shared object file", RegexOptions.Multiline)]
    private static partial Regex MissingDependency();
}
