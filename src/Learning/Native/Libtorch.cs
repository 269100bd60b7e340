using System.Globalization;
using System.Text.RegularExpressions;

namespace MetaMap.Learning.Native;

/// <summary>The libtorch that a process computes with.</summary>
/// <param name="Folder">Where it is; null for the one that comes along.</param>
/// <param name="Version">Such as <c>2.11.0+cu130</c>; null where its folder does not say.</param>
/// <param name="HasCuda">Whether it can compute on GPUs of CUDA, if there are any.</param>
internal sealed partial record Libtorch(string? Folder, string? Version, bool HasCuda)
{
    /// <summary>The CUDA that it is built for, by its version; null where that does not say.</summary>
    public string? CudaVersion => Version is not null && CudaSuffix().Match(Version) is { Success: true } cuda ? $"{cuda.Groups["major"]}.{cuda.Groups["minor"]}" : null;

    /// <summary>The version of the libtorch in a folder, by what PyTorch and libtorch's own archives put beside it; null where nothing is that can be read.</summary>
    public static string? VersionIn(string folder)
    {
        string parent = Path.Combine(folder, "..");
        (string python, string plain) = (Path.Combine(parent, "version.py"), Path.Combine(parent, "build-version"));
        try
        {
            return File.Exists(python) && PythonVersion().Match(File.ReadAllText(python)) is { Success: true } version ? version.Groups["version"].Value
                : File.Exists(plain) ? File.ReadAllText(plain).Trim() : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What its kernels depend on: differs where another libtorch has taken the place of this one.</summary>
    public string Identity => Folder is null ? ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{Version} {new FileInfo(Target(Path.Combine(Path.GetFullPath(Folder), "libtorch_cpu.so"))).Length}");

    /// <summary>For people.</summary>
    public override string ToString() =>
        $"{Version ?? "of unknown version"}, {Folder ?? "the one that comes along"}, {(HasCuda ? $"for CUDA {CudaVersion}".TrimEnd() : "for processors only")}";

    private static string Target(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    [GeneratedRegex(@"\+cu(?<major>\d+)(?<minor>\d)$")]
    private static partial Regex CudaSuffix();

    [GeneratedRegex(@"^__version__ = '(?<version>[^']+)'", RegexOptions.Multiline)]
    private static partial Regex PythonVersion();
}
