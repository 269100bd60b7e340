using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MetaMap.Coordinator.Stores.Directories;

/// <summary>Who owns a run directory: written to <c>owner.json</c>, and renewed every few seconds.</summary>
/// <param name="Epoch">Number of claims so far.</param>
/// <param name="Node">Machine and process, for information. Null when the run was given back.</param>
/// <param name="Place">Where the process can be looked up: machine, boot and process namespace.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="ProcessStart">Distinguishes the process from a later one with the same id.</param>
/// <param name="Renewals">Rises while the owner is alive.</param>
internal sealed partial record RunOwner(long Epoch, string? Node, string Place, int ProcessId, string ProcessStart, long Renewals)
{
    private const int StartTimeField = 19;

    /// <summary>Nobody has ever owned the run.</summary>
    public static RunOwner None { get; } = new(0, null, "", 0, "", 0);

    /// <summary>This process.</summary>
    public static RunOwner Self { get; } = new(
        0, Ownership.Self, Here(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? "", 0);

    /// <summary>True if the owner is the calling process.</summary>
    [JsonIgnore]
    public bool IsSelf => Place == Self.Place && ProcessId == Self.ProcessId && ProcessStart == Self.ProcessStart;

    /// <summary>True when the owner is certainly gone: it gave the run back, or its process has ended.</summary>
    [JsonIgnore]
    public bool IsGone => Node is null || (Place == Self.Place && StartOf(ProcessId) != ProcessStart);

    // Process ids are meaningful only within one boot of one machine and one process namespace.
    private static string Here() =>
        $"{Environment.MachineName}/{ReadOrEmpty("/proc/sys/kernel/random/boot_id").Trim()}/{NamespaceOrEmpty()}";

    private static string NamespaceOrEmpty() =>
        OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget ?? "" : "";

    /// <summary>When a process started, in units of its system; null when there is no such process.</summary>
    private static string? StartOf(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            // The name in parentheses may hold spaces; the start time is the 20th field after it.
            string stat = ReadOrEmpty(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            string[] fields = AfterName().Replace(stat, "").Split(' ');
            return fields.Length > StartTimeField && fields[0] is not ("Z" or "X") ? fields[StartTimeField] : null;
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"^.*\) ", RegexOptions.Singleline)]
    private static partial Regex AfterName();
}
