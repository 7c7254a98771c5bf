"""Detect simplified or traditional Chinese, by the commonest characters that differ."""

# The n-th of one is the n-th of the other: pairs of https://github.com/BYVoid/OpenCC that stand for
# each other alone, by how often scientific abstracts use them.
_SIMPLIFIED = (
    "实现为数们过动对语进这视学结态时间机验务关与测来强应训练习统优计构图评标该觉体从显将导类决问预题调识设场码样够义规无频检"
    "变环运扩单杂内传质级输点试专编键层领两赖网础细响长达经释潜齐组异转状维仅拟见随监处块选论执观阶络减较临励户鲁稳轨约会误则"
    "协触难区奖条记离择还颖连权声换续项双简断产节驱隐况轻号际风终资联业盖创错辑话询势缩归灵击险备医补带认馈踪门损词径缓讨电帧"
    "独压严扰头忆积护骤车库献属围迁许启轮虽说绍馏称边辅负伪驶驾师闭虑员碍紧迟床静软议额没虚滤总谱贡综给疗群败满档竞争诊报敛兴"
    "销载织访绝贯遗逻溅详贵渐树递辆脑纹尔张凑遥顺挡装缝乐践气队胁国纳帮审叙远写颈缘热刚纯灾读译扫储狱课担扑阵亿宽纠邻赛坏纵镜"
    "阈飞辐费净叠剧锚马顾脚戏诱侧倾桥惯残惩罚牺诸摄济趋洁农夹贝伦营温脸铺儿丝卫轴请偿颜违窥溃跃责赋亚页绕红闻畅职众雾弹匀挥忧"
    "劳脉龄悬丢顶养肿锁绘沟坚书鱼寻狭惊继缀乱冻听却伤凭欧谓宝拥迈栈肾庞彻筛诚阳辩渗峰讶浅删滚栅挣盘琐肤弃撑齿阐孪胀谈亲脱挤暂"
)
_TRADITIONAL = (
    "實現爲數們過動對語進這視學結態時間機驗務關與測來強應訓練習統優計構圖評標該覺體從顯將導類決問預題調識設場碼樣夠義規無頻檢"
    "變環運擴單雜內傳質級輸點試專編鍵層領兩賴網礎細響長達經釋潛齊組異轉狀維僅擬見隨監處塊選論執觀階絡減較臨勵戶魯穩軌約會誤則"
    "協觸難區獎條記離擇還穎連權聲換續項雙簡斷產節驅隱況輕號際風終資聯業蓋創錯輯話詢勢縮歸靈擊險備醫補帶認饋蹤門損詞徑緩討電幀"
    "獨壓嚴擾頭憶積護驟車庫獻屬圍遷許啓輪雖說紹餾稱邊輔負僞駛駕師閉慮員礙緊遲牀靜軟議額沒虛濾總譜貢綜給療羣敗滿檔競爭診報斂興"
    "銷載織訪絕貫遺邏濺詳貴漸樹遞輛腦紋爾張湊遙順擋裝縫樂踐氣隊脅國納幫審敘遠寫頸緣熱剛純災讀譯掃儲獄課擔撲陣億寬糾鄰賽壞縱鏡"
    "閾飛輻費淨疊劇錨馬顧腳戲誘側傾橋慣殘懲罰犧諸攝濟趨潔農夾貝倫營溫臉鋪兒絲衛軸請償顏違窺潰躍責賦亞頁繞紅聞暢職衆霧彈勻揮憂"
    "勞脈齡懸丟頂養腫鎖繪溝堅書魚尋狹驚繼綴亂凍聽卻傷憑歐謂寶擁邁棧腎龐徹篩誠陽辯滲峯訝淺刪滾柵掙盤瑣膚棄撐齒闡孿脹談親脫擠暫"
)
_ONLY = {"zh-CN": frozenset(_SIMPLIFIED), "zh-TW": frozenset(_TRADITIONAL)}
_ENOUGH = 3
"""Fewer may be a name, or a variant that both know."""


def is_of_the_other_kind(text: str, language: str) -> bool:
    """Tell whether a text for `zh-CN` is written in traditional characters, or the reverse.

    Only where such characters are several and outnumber the right ones: a mixture is an engine's
    oddity, the other kind a wrong answer. Of other languages nothing is said.
    """
    if language not in _ONLY:
        return False
    right = sum(sign in _ONLY[language] for sign in text)
    other = next(kind for kind in _ONLY if kind != language)
    wrong = sum(sign in _ONLY[other] for sign in text)
    return wrong >= _ENOUGH and wrong > right
