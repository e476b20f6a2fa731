"""Opens a report in Chromium and uses it as a person would.

    python report.py PAGE.html [--shots DIR]

Needs `chromium` and `chromedriver` on the path and selenium (requirements.txt). Exits 1 with a line per failure.
"""

import argparse
import pathlib
import shutil
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
# A page is ready within this time, however many findings it has.
READY_SECONDS = 20
# A filter answers within this time.
FILTER_SECONDS = 3


class Page:
    def __init__(self, path, shots):
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        chromedriver = shutil.which("chromedriver")
        if not chromium or not chromedriver:
            raise SystemExit("chromium or chromedriver is not on the path: apt-get install chromium chromium-driver")
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(chromedriver))
        self.url = pathlib.Path(path).resolve().as_uri()
        self.shots = shots
        self.failures = []

    def check(self, holds, what):
        if not holds:
            self.failures.append(what)

    def size(self, width, height=900):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name):
        feature = {"features": [{"name": "prefers-color-scheme", "value": name}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)

    def open(self):
        began = time.monotonic()
        self.driver.get(self.url)
        WebDriverWait(self.driver, READY_SECONDS).until(
            lambda d: d.execute_script("return document.documentElement.dataset.ready") == "yes"
        )
        return time.monotonic() - began

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def found(self):
        return self.one(".found").text

    def wait(self, condition, what):
        try:
            WebDriverWait(self.driver, FILTER_SECONDS, poll_frequency=0.02).until(lambda _: condition())
        except Exception:
            self.failures.append(what)

    def overflow(self):
        return self.js("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def shot(self, name):
        if self.shots:
            result = self.driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"}
            )
            import base64

            (self.shots / f"{name}.png").write_bytes(base64.b64decode(result["data"]))


def opens_without_errors_or_network(page):
    page.size(1280)
    took = page.open()
    page.check(took < READY_SECONDS, f"the page took {took:.1f} s")
    for entry in page.driver.get_log("browser"):
        page.failures.append(f"console: {entry['level']} {entry['message']}")
    for entry in page.driver.get_log("performance"):
        if '"Network.requestWillBeSent"' in entry["message"] and '"url":"http' in entry["message"]:
            page.failures.append(f"the page asked the network: {entry['message'][:300]}")
    page.check("owned" not in page.driver.title, "a resource's name was run as a script")
    page.check("[object" not in page.one("main").text, "an object was printed")
    for heading in ["Where it stands", "Do first", "What could not be seen", "All recommendations"]:
        page.check(any(h.text == heading for h in page.all("h2")), f"no heading `{heading}`")


def filters(page):
    everything = page.found()
    rows = len(page.all(".list > details"))
    page.check(rows > 0, "no recommendation is listed")
    Select(page.one("#filter-verdict")).select_by_value("fail")
    page.wait(lambda: page.found() != everything, "the verdict's filter changes nothing")
    first = page.one(".list > details")
    first.find_element(By.CSS_SELECTOR, "summary").click()
    page.wait(lambda: len(first.find_elements(By.CSS_SELECTOR, ".inside details")) > 0, "a recommendation shows no control")
    first.find_element(By.CSS_SELECTOR, ".inside details > summary").click()
    page.wait(lambda: len(first.find_elements(By.CSS_SELECTOR, ".finding")) > 0, "a control shows no finding")
    chips = {c.text for c in first.find_elements(By.CSS_SELECTOR, ".finding > summary .chip")}
    page.check(chips == {"fail"}, f"the filter lets others through: {chips}")
    page.check(len(first.find_elements(By.CSS_SELECTOR, ".finding")) <= 400, "findings are not paged")
    finding = first.find_element(By.CSS_SELECTOR, ".finding > summary")
    finding.click()
    page.wait(lambda: "Calls behind it" in first.text, "a finding shows no evidence")
    page.shot("filtered")
    for key in ["severity", "account", "region"]:
        select = Select(page.one(f"#filter-{key}"))
        page.check(len(select.options) > 1, f"nothing to choose for {key}")
        select.select_by_index(1)
        select.select_by_index(0)
    page.one(".filters button").click()
    page.wait(lambda: page.found() == everything, "`Clear` does not bring everything back")


def searches(page):
    everything = page.found()
    page.one("body").send_keys("/")
    page.check(page.js("return document.activeElement.id") == "search", "`/` does not go to the search")
    page.one("#search").send_keys("no such thing anywhere zzz")
    page.wait(lambda: page.found().startswith("0 recommendations, 0 findings"), "a search for nothing finds something")
    page.one("#search").send_keys(Keys.CONTROL, "a")
    page.one("#search").send_keys(Keys.DELETE)
    name = page.js(
        "const f = [...BY_CONTROL.values()].flat().find((f) => f.name.length > 3); return f.name.toLowerCase().split(/\\s+/)[0]"
    )
    page.one("#search").send_keys(name)
    page.wait(lambda: page.found() not in (everything, "") and ", 0 findings" not in page.found(), f"the search does not find `{name}`")
    page.one(".filters button").click()
    page.wait(lambda: page.found() == everything, "`Clear` does not end the search")


def heat_map(page):
    everything = page.found()
    cells = page.all(".heat button.cell")
    if not cells:
        return
    cells[0].click()
    page.wait(lambda: " in " in page.found(), "a cell of the heat map narrows nothing")
    page.check(cells[0].get_attribute("aria-pressed") == "true", "a pressed cell does not say so")
    cells[0].click()
    page.wait(lambda: page.found() == everything, "a cell pressed again does not widen")


def themes(page):
    colour = "return getComputedStyle(document.body).backgroundColor"
    page.scheme("light")
    light = page.js(colour)
    page.scheme("dark")
    dark = page.js(colour)
    page.check(light != dark, "the system's dark scheme changes nothing")
    page.shot("dark-1280")
    page.one("#theme").click()
    page.check(page.js(colour) == light, "the switch does not bring light")
    page.one("#theme").click()
    page.check(page.js(colour) == dark, "the switch does not bring dark")
    page.js("try { localStorage.clear() } catch {} document.documentElement.dataset.theme = ''")


def keyboard(page):
    page.open()
    seen = set()
    for _ in range(12):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        seen.add(page.js("return document.activeElement.tagName"))
    page.check("BUTTON" in seen, f"buttons are not reached with the tab key: {seen}")
    summary = page.one(".list > details > summary")
    summary.send_keys(Keys.ENTER)
    page.check(page.one(".list > details").get_attribute("open") is not None, "Enter opens no recommendation")


def phone(page):
    for scheme in ["light", "dark"]:
        page.scheme(scheme)
        page.size(375, 812)
        page.open()
        page.check(page.overflow() <= 0, f"{page.overflow()} px too wide at 375 px")
        if scheme == "light":
            page.shot("light-375")
        else:
            page.shot("dark-375")
    for selector in [".list > details > summary", ".list > details .inside details > summary", ".finding > summary"]:
        found = page.all(selector)
        if found:
            page.js("arguments[0].scrollIntoView({ block: 'center' }); arguments[0].click()", found[0])
            time.sleep(0.1)
    page.check(page.overflow() <= 0, f"{page.overflow()} px too wide at 375 px with a finding open")
    page.shot("open-375")
    page.scheme("light")


def paper(page):
    page.size(1280)
    page.scheme("dark")
    page.open()
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.check(page.js("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", "paper is not white")
    page.check(not page.one(".tools").is_displayed(), "buttons are printed")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page")
    parser.add_argument("--shots", type=pathlib.Path, help="keep pictures in this folder")
    arguments = parser.parse_args()
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    page = Page(arguments.page, arguments.shots)
    try:
        for part in [opens_without_errors_or_network, filters, searches, heat_map, themes, keyboard, phone, paper]:
            part(page)
            if part is opens_without_errors_or_network:
                page.shot("light-1280")
        for entry in page.driver.get_log("browser"):
            page.failures.append(f"console: {entry['level']} {entry['message']}")
    finally:
        page.driver.quit()
    for failure in page.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if page.failures else 0


if __name__ == "__main__":
    sys.exit(main())
