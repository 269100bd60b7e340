using Spectre.Console;
using Spectre.Console.Rendering;

namespace MetaMap.Cli.Progress;

/// <summary>Runs on a terminal: of each how far it is, and what was measured; below them, who works.</summary>
internal static class RunScreen
{
    private const int Widest = 100;
    private const int NarrowestBar = 4;

    /// <summary>One run after a heading that names it.</summary>
    public static IRenderable Of(RunStanding run, WorkerCount workers, Profile terminal) =>
        new Rows([.. Training(run, RunStanding.Phrases(workers.ToString(), run.Note), terminal)]);

    /// <summary>Any number of runs.</summary>
    /// <param name="runs">The runs, the last of which stands below.</param>
    /// <param name="workers">Null where nobody knows.</param>
    /// <param name="terminal">Its width, and whether it has more than ASCII.</param>
    public static IRenderable Of(IEnumerable<RunStanding> runs, WorkerCount? workers, Profile terminal) => new Rows(
    [
        .. runs.SelectMany(run => new[] { new Markup($"[bold]{Markup.Escape(run.RunId)}[/]  {Markup.Escape(run.IsTraining ? run.Status : RunStanding.Phrases(run.Status, run.Position))}") }
            .Concat(run.IsTraining ? Training(run, run.Note, terminal) : Lines(run.Measures, run.Note))),
        .. Lines(workers?.ToString()),
    ]);

    /// <summary>A bar of a given width.</summary>
    public static IRenderable Bar(string before, double fraction, string after, Profile terminal)
    {
        (char done, char open) = terminal.Capabilities.Unicode ? ('━', '─') : ('#', '-');
        // Room for two spaces on each side, and for the ^C that a terminal shows.
        int width = Math.Max(NarrowestBar, Math.Min(terminal.Width, Widest) - before.Length - after.Length - 4 - 3);
        int filled = (int)(width * fraction);
        return new Markup($"{Markup.Escape(before)}  [green]{new string(done, filled)}[/][grey]{new string(open, width - filled)}[/]  {Markup.Escape(after)}");
    }

    private static IEnumerable<IRenderable> Training(RunStanding run, string? last, Profile terminal)
    {
        string percent = $"{(int)(100 * run.Fraction)}%";
        return [Bar(run.Position, run.Fraction, RunStanding.Phrases(percent, run.Speed, run.Left is { } left ? $"{RunStanding.Time(left)} left" : null), terminal), .. Lines(run.Measures, last)];
    }

    private static IEnumerable<IRenderable> Lines(params string?[] lines) => lines.Where(line => !string.IsNullOrEmpty(line)).Select(line => new Text(line!));
}
