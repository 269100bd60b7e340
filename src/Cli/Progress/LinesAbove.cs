using System.Text;
using Spectre.Console;

namespace MetaMap.Cli.Progress;

/// <summary>
/// Standard error of a terminal: whole lines above the live screen while there is one, so that neither tears the other; otherwise as it comes.
/// </summary>
internal sealed class LinesAbove : TextWriter
{
    private const string EraseBelow = "\u001b[J";

    private static LinesAbove? _installed;

    private readonly TextWriter _terminal;
    private readonly Lock _gate = new();
    private readonly StringBuilder _begun = new();
    private bool _isLive;

    private LinesAbove(TextWriter terminal) => _terminal = terminal;

    /// <inheritdoc />
    public override Encoding Encoding => _terminal.Encoding;

    /// <summary>Puts itself in the place of standard error, where that and standard output are a terminal. Called before anything keeps <see cref="Console.Error"/>.</summary>
    public static void Install()
    {
        if (!Console.IsErrorRedirected && !Console.IsOutputRedirected)
        {
            _installed = new LinesAbove(Console.Error);
            Console.SetError(_installed);
        }
    }

    /// <summary>A live screen is there until the result is disposed.</summary>
    public static IDisposable Begin() => new Live(_installed);

    /// <inheritdoc />
    public override void Write(char value) => Write([value]);

    /// <inheritdoc />
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc />
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_gate)
        {
            if (!_isLive)
            {
                _terminal.Write(buffer);
                return;
            }

            _begun.Append(buffer);
            string text = _begun.ToString();
            int end = text.LastIndexOf('\n') + 1;
            if (end > 0)
            {
                _begun.Clear().Append(text.AsSpan(end));
                // Spectre goes to the top of what it has drawn before, and draws it anew behind.
                AnsiConsole.Write(new ControlCode(EraseBelow + text[..end]));
            }
        }
    }

    private void Be(bool live)
    {
        lock (_gate)
        {
            _isLive = live;
            if (!live)
            {
                _terminal.Write(_begun);
                _begun.Clear();
            }
        }
    }

    private sealed class Live : IDisposable
    {
        private readonly LinesAbove? _lines;

        public Live(LinesAbove? lines)
        {
            _lines = lines;
            _lines?.Be(live: true);
        }

        public void Dispose() => _lines?.Be(live: false);
    }
}
