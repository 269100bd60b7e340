using System.Diagnostics;
using System.Reflection;

namespace MetaMap.Cli.Hosting;

/// <summary>Starts this program again, in a process of its own.</summary>
internal static class OwnProgram
{
    // Set by ./metamap and the images, too: room for a hundred messages with parameters before the garbage collector stops the lanes.
    private const string YoungestObjects = "DOTNET_GCgen0size";
    private const string YoungestObjectsBytes = "0x2000000";

    /// <summary>How to start it, however this process was started.</summary>
    public static ProcessStartInfo With(IEnumerable<string> arguments)
    {
        bool isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        ProcessStartInfo start = new(Environment.ProcessPath!, [.. isHosted ? [Assembly.GetEntryAssembly()!.Location] : Array.Empty<string>(), .. arguments])
        {
            UseShellExecute = false,
        };
        start.Environment.TryAdd(YoungestObjects, YoungestObjectsBytes);
        foreach (string setting in start.Environment.Keys.Where(SettingVariables.Has).ToArray())
        {
            // Meant for those that a user starts.
            start.Environment.Remove(setting);
        }

        return start;
    }

    /// <summary>Writes what a process says on its standard error to that of this one, line by line, so that nothing tears a live screen.</summary>
    /// <param name="process">Started with its standard error redirected.</param>
    public static void PassErrors(Process process)
    {
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                Console.Error.WriteLine(text);
            }
        };
        process.BeginErrorReadLine();
    }
}
