using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Postgres;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap run audit DIR</c>: replays a run's journal and checks the guarantees I1 to I3.</summary>
internal static class RunAuditCommand
{
    public static Command Create()
    {
        Command command = new("audit", "Replays a run's journal: each iteration committed once and in order, each block counted once, only the current version counted.");
        Argument<string> run = new("directory") { Description = "Directory of the run, or with --store its name in the database." };
        Option<string?> store = new("--store") { HelpName = "STORE", Description = "PostgreSQL connection string of the store that has the run; default: the run has a directory." };
        Option<bool> json = CommonOptions.Json();
        command.Add(run);
        command.Example("of a run in a folder", "run audit runs/NAME");
        command.Add(OptionGroups.Data, store);
        command.Add(OptionGroups.Output, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            string name = parsed.GetValue(run)!;
            AuditReport report = JournalAudit.Replay(parsed.GetValue(store) is { } database
                ? await FromDatabase(database, name).ConfigureAwait(false) : JournalFile.Read(new RunDirectory(name)));
            Show(new Reporter(parsed.GetValue(json)), report);
            return report.IsClean ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<string>> FromDatabase(string connectionString, string name)
    {
        try
        {
            return await PostgresJournal.Read(connectionString, name).ConfigureAwait(false);
        }
        catch (StoreException error)
        {
            throw new UnreachableException(error.Message, error);
        }
    }

    private static void Show(Reporter reporter, AuditReport report) => reporter.Event(
        new
        {
            Event = "audited", report.IsClean, report.Iteration, report.Commits, report.CountedBlocks, report.RefusedBlocks, report.Claims,
            report.Rollbacks, report.StrayLines, report.Lines, report.Violations, report.Notices,
        },
        string.Join('\n', [.. report.Violations, .. report.Notices, string.Create(CultureInfo.InvariantCulture,
            $"{Verdict(report)}: {report.Commits} commits up to iteration {report.Iteration}, {report.CountedBlocks} blocks counted, {report.RefusedBlocks} refused, {report.Claims} owners, {report.Lines} lines")]));

    private static string Verdict(AuditReport report) => report.Violations.Length switch
    {
        0 => "every promise kept",
        _ when report.IsDamaged => "the journal is damaged, and shows up to there",
        1 => "1 promise broken",
        var broken => string.Create(CultureInfo.InvariantCulture, $"{broken} promises broken"),
    };
}
