using MetaMap.Cli.Hosting;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Progress;

/// <summary>The runs that a coordinator trains: live below its log on a terminal, as lines of its log otherwise.</summary>
/// <param name="services">The coordinator's.</param>
/// <param name="log">How it logs.</param>
internal sealed partial class CoordinatorDisplay(IServiceProvider services, NodeLog log)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private readonly RunBoard _runs = services.GetRequiredService<RunBoard>();
    private readonly WorkerBoard _workers = services.GetRequiredService<WorkerBoard>();
    private readonly ILogger _log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(CoordinatorDisplay).FullName!);

    /// <summary>Shows them until the coordinator has ended.</summary>
    public Task While(Task node) => log.Format == NodeLog.Text && LiveScreen.IsPossible
        ? LiveScreen.While(node, terminal => RunScreen.Of(Training.Select(RunStanding.Of), WorkerCount.Of(_workers.Workers), terminal), keep: false)
        : Task.WhenAll(node, WriteLines(node));

    private IEnumerable<RunSnapshot> Training => _runs.Runs.Where(run => run.Status == RunStatus.Training).OrderBy(run => run.RunId.Value, StringComparer.Ordinal);

    private async Task WriteLines(Task node)
    {
        Dictionary<string, int> shown = [];
        while (await Task.WhenAny(node, Task.Delay(_interval)).ConfigureAwait(false) != node)
        {
            foreach (RunStanding run in Training.Select(RunStanding.Of))
            {
                if (shown.GetValueOrDefault(run.RunId) != run.Iteration)
                {
                    shown[run.RunId] = run.Iteration;
                    Write(run.RunId, run.Line(WorkerCount.Of(_workers.Workers)));
                }
            }
        }
    }

    [LoggerMessage(0, LogLevel.Information, "run {RunId}: {Standing}")]
    private partial void Write(string runId, string standing);
}
