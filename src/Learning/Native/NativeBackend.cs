using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace MetaMap.Learning.Native;

/// <summary>
/// Loads libtorch before TorchSharp does. TorchSharp answers a failure with a page about package references and copies
/// half a gigabyte of libraries in search of others; the loader's own words are to the point.
/// </summary>
internal static partial class NativeBackend
{
    private const string Remedy =
        "start MetaMap through ./metamap, which checks for it, or install the libstdc++ of GCC 13 or newer "
        + "(Ubuntu 24.04, Debian 13 and Fedora 39 have it)";

    /// <summary>Loads the native libraries.</summary>
    /// <exception cref="NativeLibraryException">A library or what it needs is missing.</exception>
    public static void Load()
    {
        try
        {
            // Named as TorchSharp names them; typeof does not run TorchSharp's own loader.
            NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, searchPath: null);
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, searchPath: null);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new NativeLibraryException(Explain(error.Message), error);
        }
    }

    /// <summary>One sentence for people out of the loader's message.</summary>
    public static string Explain(string loaderMessage)
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

        return $"libtorch is not in {AppContext.BaseDirectory} for {RuntimeInformation.RuntimeIdentifier}; "
            + "build MetaMap on the platform that it runs on (64-bit Linux with glibc, Windows, or macOS on ARM).";
    }

    [GeneratedRegex(@"(?<library>[^\s:]+): version [`'](?<symbol>[\w.]+)' not found")]
    private static partial Regex MissingVersion();

    // A library that another one needs is named without a directory; names that were merely tried have one.
    [GeneratedRegex(@"^(?<library>lib[^\s/:]+\.so[^\s/:]*): cannot open shared object file", RegexOptions.Multiline)]
    private static partial Regex MissingDependency();
}
