using System.Runtime.InteropServices;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MetaMap.Cli.Progress;

/// <summary>The last lines of a terminal, drawn again and again while something goes on; what is written to standard error meanwhile stands above them.</summary>
internal static class LiveScreen
{
    private const string ShowCursor = "\u001b[?25h";
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    /// <summary>False where standard output is no terminal, or one that cannot move its cursor.</summary>
    public static bool IsPossible => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true };

    /// <summary>True while something is drawn.</summary>
    public static bool IsDrawn { get; private set; }

    /// <summary>Draws until the work is done.</summary>
    /// <param name="work">The work.</param>
    /// <param name="draw">What stands there now.</param>
    /// <param name="keep">Whether the last drawing stays.</param>
    public static async Task<T> While<T>(Task<T> work, Func<Profile, IRenderable> draw, bool keep)
    {
        Profile terminal = AnsiConsole.Profile;
        using IDisposable above = LinesAbove.Begin();
        // A signal that ends the process at once would leave a terminal without a cursor.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Console.Out.Write(ShowCursor));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Console.Out.Write(ShowCursor));
        IsDrawn = true;
        await AnsiConsole.Live(draw(terminal)).AutoClear(!keep).StartAsync(async live =>
        {
            do
            {
                await Task.WhenAny(work, Task.Delay(_pause)).ConfigureAwait(false);
                live.UpdateTarget(draw(terminal));
            }
            while (!work.IsCompleted);
        }).ConfigureAwait(false);
        IsDrawn = false;
        return await work.ConfigureAwait(false);
    }

    /// <summary>Draws until the work is done.</summary>
    public static Task While(Task work, Func<Profile, IRenderable> draw, bool keep)
    {
        return While(Done(), draw, keep);

        async Task<bool> Done()
        {
            await work.ConfigureAwait(false);
            return true;
        }
    }
}
