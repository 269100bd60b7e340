using Microsoft.Playwright;

namespace MetaMap.Dashboard.Tests;

/// <summary>Debian's Chromium, driven by Playwright, with a camera that shows a test picture; nothing is downloaded. One for all tests.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Null where there is a Chromium; otherwise a sentence that says what is missing.</summary>
    public static string? WhyNot => File.Exists(Program) ? null : "no Chromium is installed (to have this test: apt-get install chromium)";

    /// <summary>True in CI: there, no test is skipped.</summary>
    public static bool IsRequired => Environment.GetEnvironmentVariable("CI") == "true";

    public async Task InitializeAsync()
    {
        if (WhyNot is { } reason)
        {
            Assert.False(IsRequired, reason);
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program, Args = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
        });
    }

    public async Task DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
    }

    /// <summary>A page of a coordinator in a browser profile of its own.</summary>
    internal async Task<WatchedPage> Open(string url, string fragment = "")
    {
        WatchedPage page = new(await (await _browser!.NewContextAsync()).NewPageAsync(), url);
        await page.Page.GotoAsync($"{url}/{fragment}");
        return page;
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}

/// <summary>A test with a <see cref="Browser"/>: skipped on a developer's machine without one, never in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <summary>Decides whether the test runs.</summary>
    public BrowserFactAttribute()
    {
        Skip = Browser.IsRequired ? null : Browser.WhyNot;
    }
}
