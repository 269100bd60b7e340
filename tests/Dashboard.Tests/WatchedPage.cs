using System.Collections.Concurrent;
using MetaMap.Testing;
using Microsoft.Playwright;

namespace MetaMap.Dashboard.Tests;

/// <summary>A page that must say nothing to the console as an error, and ask no other host; and its pictures.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private static readonly string _pictures = Repository.PathOf("artifacts", "dashboard");

    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _elsewhere = new();

    public WatchedPage(IPage page, string url)
    {
        Page = page;
        Assertions.SetDefaultExpectTimeout((float)TestTime.Limit.TotalMilliseconds);
        page.SetDefaultTimeout((float)TestTime.Limit.TotalMilliseconds);
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            // The browser's own line about an answer of 400 and above; the page shows its sentence.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _errors.Enqueue(message.Text);
            }
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(url, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                _elsewhere.Enqueue(request.Url);
            }
        };
    }

    public IPage Page { get; }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Keeps the view as pictures, light and dark, wide and narrow; none may have to be scrolled sideways.</summary>
    public async Task Picture(string name)
    {
        foreach ((int width, int height) in new[] { (1400, 900), (400, 800) })
        {
            await Page.SetViewportSizeAsync(width, height);
            foreach (ColorScheme scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
            {
                await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
                await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(_pictures, $"{name}-{scheme}-{width}.png".ToLowerInvariant()), FullPage = true });
                Assert.Equal(width, await Page.EvaluateAsync<int>("Math.max(innerWidth, document.documentElement.scrollWidth)"));
            }
        }

        await Page.SetViewportSizeAsync(1400, 900);
    }

    /// <summary>Draws strokes with the mouse on a pad.</summary>
    /// <param name="pad">The pad.</param>
    /// <param name="strokes">Points of each stroke, in hundredths of the pad.</param>
    /// <param name="shift">How far this example lies from the others.</param>
    public async Task Draw(ILocator pad, (int X, int Y)[][] strokes, int shift)
    {
        await pad.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await pad.BoundingBoxAsync())!;
        foreach ((int X, int Y)[] stroke in strokes)
        {
            for (int i = 0; i < stroke.Length; i++)
            {
                await Page.Mouse.MoveAsync(box.X + (box.Width * (stroke[i].X + shift) / 100), box.Y + (box.Height * (stroke[i].Y - shift) / 100), new MouseMoveOptions { Steps = 4 });
                await (i == 0 ? Page.Mouse.DownAsync() : Task.CompletedTask);
            }

            await Page.Mouse.UpAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        Assert.Empty(_errors);
        Assert.Empty(_elsewhere);
    }
}
