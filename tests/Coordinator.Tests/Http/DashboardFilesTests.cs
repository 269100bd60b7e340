using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using MetaMap.Coordinator.Http;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>The files of the dashboard, from a coordinator that wants tokens for everything else.</summary>
public sealed partial class DashboardFilesTests(GuardedCoordinatorApp app) : IClassFixture<GuardedCoordinatorApp>
{
    [Theory]
    [InlineData("", "text/html")]
    [InlineData("app.js", "text/javascript")]
    [InlineData("views/try.js", "text/javascript")]
    [InlineData("styles/theme.css", "text/css")]
    [InlineData("icon.svg", "image/svg+xml")]
    [InlineData("vendor/uplot/uPlot.esm.js", "text/javascript")]
    public async Task Get_FileOfTheDashboard_IsOpenAndProtected(string path, string type)
    {
        using HttpResponseMessage answer = await app.Http.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(DashboardFiles.ContentSecurityPolicy, Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync());

        using HttpRequestMessage again = new(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using HttpResponseMessage known = await app.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    public void Policy_OfThePage_AllowsNothingInlineAndNoFrames()
    {
        Assert.DoesNotContain("unsafe", DashboardFiles.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", DashboardFiles.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", DashboardFiles.ContentSecurityPolicy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhatItLoads_IsThere()
    {
        MatchCollection links = Link().Matches(await app.Http.GetStringAsync(""));
        Assert.True(links.Count >= 6);
        foreach (string path in links.Select(link => link.Groups["path"].Value))
        {
            using HttpResponseMessage answer = await app.Http.GetAsync(path);
            Assert.True(answer.IsSuccessStatusCode, path);
        }
    }

    [Fact]
    public async Task Parts_OfACoordinator_AreWhatOptionsCanName()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "api/parts") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", GuardedCoordinatorApp.ReadToken) } };
        using HttpResponseMessage answer = await app.Http.SendAsync(request);
        using JsonDocument parts = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.True(parts.RootElement.GetProperty("starts_runs").GetBoolean());
        JsonElement glyphs = Assert.Single(parts.RootElement.GetProperty("datasets").EnumerateArray(), dataset => dataset.GetProperty("name").GetString() == "glyphs");
        Assert.False(glyphs.GetProperty("needs_data").GetBoolean());
        Assert.Contains(parts.RootElement.GetProperty("datasets").EnumerateArray(), dataset => dataset.GetProperty("needs_data").GetBoolean());
    }

    [GeneratedRegex("(?:href|src)=\"(?<path>[^#\"]+)\"")]
    private static partial Regex Link();
}
