using System.Diagnostics;
using System.Reflection;

namespace MetaMap.Cli.Hosting;

/// <summary>Starts this program again, in a process of its own.</summary>
internal static class OwnProgram
{
    /// <summary>How to start it, however this process was started.</summary>
    public static ProcessStartInfo With(IEnumerable<string> arguments)
    {
        bool isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        return new ProcessStartInfo(Environment.ProcessPath!, [.. isHosted ? [Assembly.GetEntryAssembly()!.Location] : Array.Empty<string>(), .. arguments])
        {
            UseShellExecute = false,
        };
    }
}
